import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceKeys, Tags } from "../azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { isSameName } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { alreadyOnboarded } from "./resume-state.ts";

/** The result of creating a device identity: its keys, or why it was not created. */
export type IdentityResult = { keys: DeviceKeys } | { error: OperatorError };

const concurrentReads = 8;
/** Attempts to create identities whose result is unknown. Each attempt creates the ones that are still missing. */
const attempts = 3;

/**
 * Ensures that terminals have device identities, with one bulk call for at most `bulkSize` terminals. An existing identity
 * keeps its keys, which are read. The result of a terminal is an error when its identity is disabled or has another
 * customer or site, or when the terminal was onboarded and its credential bundle is not in the folder.
 * @param newKeys The keys that new identities get; default random keys.
 */
export async function ensureIdentities(
  terminals: Terminal[],
  fleet: Fleet,
  newKeys: ReadonlyMap<string, DeviceKeys> = mintKeys(terminals),
): Promise<Map<string, IdentityResult>> {
  const results = new Map<string, IdentityResult>();
  let missing = terminals;
  for (let attempt = 1; missing.length > 0; attempt++) {
    const codes = await fleet.registry.create(
      missing.map((terminal) => ({
        id: terminal.id,
        keys: newKeys.get(terminal.id) as DeviceKeys,
        tags: deviceTags(terminal),
      })),
    );
    const uncertain: Terminal[] = [];
    for (const terminal of missing) {
      const code = codes.get(terminal.id);
      if (code === undefined) results.set(terminal.id, { keys: newKeys.get(terminal.id) as DeviceKeys });
      else if (mayExist(code)) uncertain.push(terminal);
      else results.set(terminal.id, notCreated(code));
    }
    missing = [];
    await pMap(
      uncertain,
      async (terminal) => {
        const existing = await readIdentity(terminal, fleet);
        if (existing) results.set(terminal.id, existing);
        else if (attempt < attempts) missing.push(terminal);
        else results.set(terminal.id, { error: notCreatedAfterRetries() });
      },
      { concurrency: concurrentReads },
    );
  }
  return results;
}

/** Random keys for each terminal. */
export function mintKeys(terminals: Terminal[]): Map<string, DeviceKeys> {
  return new Map(terminals.map(({ id }) => [id, mintDeviceKeys()]));
}

/** Whether an identity can exist in spite of an error code. A server error may be over at the next attempt. */
function mayExist(code: string): boolean {
  return code === "DeviceAlreadyExists" || code === "Unknown" || /^(5|429)\d*$/.test(code);
}

/** @returns Undefined when the identity does not exist. */
async function readIdentity(terminal: Terminal, fleet: Fleet): Promise<IdentityResult | undefined> {
  const tags = await fleet.registry.tags(terminal.id);
  if (!tags) return undefined;
  for (const tag of ["customer", "site"] as const) {
    if (!isSameName(tags[tag], terminal[tag])) {
      return refused(
        t`its device identity exists with the ${tag} ${JSON.stringify(tags[tag] ?? "")}, but the batch has ${JSON.stringify(terminal[tag])}`,
        tags[tag] === undefined ? remedyWithoutTags() : t`Correct the batch, or remove the terminal from it.`,
      );
    }
  }
  if (await fleet.flowKeys.get(terminal.customer, terminal.id)) {
    return refused(alreadyOnboarded().message, alreadyOnboarded().remedy);
  }
  const identity = await fleet.registry.get(terminal.id);
  if (!identity) return undefined;
  if (identity.status === "disabled") {
    return refused(
      t`its device identity is disabled (${identity.statusReason ?? t`no reason given`})`,
      t`A revoked terminal is not onboarded again: remove it from the batch.`,
    );
  }
  if (identity.authentication.type !== "sas") {
    return refused(
      t`its device identity authenticates with ${identity.authentication.type}, not with keys`,
      t`Delete the device identity first.`,
    );
  }
  return { keys: identity.authentication.symmetricKey };
}

/** Without tags the customer of a device is unknown, and other software may use it. */
const remedyWithoutTags = () =>
  t`Other software created it, or a run was killed after the IoT Hub had created it without a device twin. If nothing uses it, delete it and run this again.`;

function notCreated(code: string): IdentityResult {
  const remedy = code === "DeviceRegisteredWithoutTwin" ? remedyWithoutTags() : undefined;
  const message = t`the IoT Hub did not create its device identity: ${code}`;
  return { error: new OperatorError("failed", message, { code, remedy }) };
}

function notCreatedAfterRetries(): OperatorError {
  return new OperatorError(
    "failed",
    t`the IoT Hub did not create its device identity in ${attempts} attempts`,
    { remedy: t`Run this again.` },
  );
}

function refused(message: string, remedy: string): IdentityResult {
  return { error: new OperatorError("failed", message, { remedy }) };
}

/** The tags of a terminal's device twin. */
export function deviceTags({ customer, site, name }: Terminal): Tags {
  return name ? { customer, site, name } : { customer, site };
}
