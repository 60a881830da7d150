import { generateIdentity } from "age-encryption";
import { expect } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import { mintFlowKey } from "../../../../cli/azure/flow-api/flow-keys.ts";
import type { CredentialBundle } from "../../../../cli/credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../../../../cli/credentials/device-keys.ts";
import type { Clock } from "../../../../cli/lib/clock.ts";
import { sha256Base64 } from "../../../../cli/lib/sha256.ts";
import type { RotationContext } from "../../../../cli/lifecycle/key-rotation/context.ts";
import { parseKeyTags } from "../../../../cli/lifecycle/key-rotation/record.ts";
import { Terminal, type TerminalOptions } from "../../../../reference-terminal/terminal.ts";
import { createVault, type Vault } from "../../../../reference-terminal/vault.ts";

/** The computer's clock, which a test can set ahead. Its waits take at most 50 milliseconds. */
export class ForwardClock implements Clock {
  private ahead = 0;

  now(): number {
    return Date.now() + this.ahead;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50)));
  }

  forward(ms: number): void {
    this.ahead += ms;
  }
}

/** Onboards a terminal without the command line. @returns Its credential bundle. */
export async function settle(operator: Fleet, id: string, customer: string): Promise<CredentialBundle> {
  const keys = mintDeviceKeys();
  await operator.registry.create([{ id, keys, tags: { customer, site: "Hall A" } }]);
  await operator.files.ensureContainer(id);
  const terminalKey = mintFlowKey();
  const createdAt = new Date().toISOString();
  const sharedKey = await operator.customers.subscriptionKey(customer);
  await operator.flowKeys.put(customer, id, {
    currentKeySha256: sha256Base64(terminalKey),
    previousKeySha256: "",
    status: "active",
    site: "Hall A",
    keyCreatedAt: createdAt,
    sharedKeySha256: sha256Base64(sharedKey),
  });
  return {
    version: 1,
    terminalId: id,
    customer,
    site: "Hall A",
    hub: { hostName: operator.outputs.hubHostName, deviceId: id, primaryKey: keys.primaryKey },
    flow: {
      url: operator.outputs.flowUrl,
      sharedKey,
      terminalKey,
    },
    createdAt,
  };
}

/** Starts the reference terminal, without a vault unless the options have one. */
export async function startTerminal(
  handover: CredentialBundle,
  folder: string,
  options: Pick<TerminalOptions, "network"> & Partial<TerminalOptions>,
): Promise<Terminal> {
  const terminal = await Terminal.open({
    bundle: handover,
    folder,
    version: "1.0.0",
    log: () => {},
    backoff: { firstMs: 50, longestMs: 200 },
    ...options,
  });
  await terminal.start();
  return terminal;
}

export async function newVault(): Promise<Vault> {
  return createVault({ identities: [await generateIdentity()] });
}

/** The context of a run with its own ID. */
export function runOf(fleet: Fleet, clock: Clock, more: Partial<RotationContext> = {}): RotationContext {
  return {
    fleet,
    clock,
    runId: `run-${Math.random()}`,
    claimed: new Set(),
    graceMs: 3_600_000,
    ...more,
  };
}

/** Asserts that the IoT Hub and the Flow API accept the keys. */
export async function expectAccepted(operator: Fleet, { keys }: { keys: CredentialBundle }): Promise<void> {
  const identity = await operator.registry.get(keys.terminalId);
  expect(identity?.status).toBe("enabled");
  expect(Object.values(identity?.authentication.symmetricKey ?? {})).toContain(keys.hub.primaryKey);
  const row = await operator.flowKeys.get(keys.customer, keys.terminalId);
  expect(row?.status).toBe("active");
  expect([row?.currentKeySha256, row?.previousKeySha256]).toContain(sha256Base64(keys.flow.terminalKey));
  expect(Object.values(await operator.customers.keys(keys.customer))).toContain(keys.flow.sharedKey);
}

export async function rotationOf(operator: Fleet, terminal: string) {
  return parseKeyTags((await operator.twins.get(terminal))?.tags).rotation ?? undefined;
}
