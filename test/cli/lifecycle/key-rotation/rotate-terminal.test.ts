import { readFileSync, statSync, writeFileSync } from "node:fs";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import type { CredentialBundle } from "../../../../cli/credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../../../../cli/credentials/device-keys.ts";
import { sealer } from "../../../../cli/credentials/seal.ts";
import { newOfferId } from "../../../../cli/file-exchange/offers/offer.ts";
import { rotateTerminals } from "../../../../cli/lifecycle/key-rotation/rotate-terminals.ts";
import { KeyRing } from "../../../../reference-terminal/key-ring.ts";
import { createVault } from "../../../../reference-terminal/vault.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../../fleet-harness.ts";
import { expectAccepted, ForwardClock, newVault, runOf, settle, startTerminal } from "./rotating-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

const key = () => mintDeviceKeys().primaryKey;

function bundleOf(terminalId: string, more: Partial<CredentialBundle> = {}): CredentialBundle {
  return {
    version: 1,
    terminalId,
    customer: "example",
    site: "Hall A",
    hub: { hostName: fleet.outputs.hubHostName, deviceId: terminalId, primaryKey: key() },
    flow: {
      url: fleet.outputs.flowUrl,
      sharedKey: "0123456789abcdef",
      terminalKey: key(),
    },
    createdAt: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

async function offerTo(ring: KeyRing, handover: CredentialBundle) {
  const recipient = ring.report().recipient as string;
  const sealed = await sealer({ recipients: [recipient] })(handover);
  return { id: newOfferId(Date.now()), sealed: Buffer.from(sealed).toString("base64") };
}

test("the key ring keeps current and new keys through restarts, until new keys are confirmed, and stores no plaintext", async () => {
  await using folder = await temporaryFolder();
  const vault = await newVault();
  const path = folder.file("keys.age");
  const first = bundleOf("ring-1");
  const ring = await KeyRing.open({ path, bundle: first, vault });
  const next = bundleOf("ring-1", { createdAt: "2026-02-01T00:00:00.000Z" });
  const offer = await offerTo(ring, next);
  expect(await ring.acceptOffer(offer)).toBe("candidate");
  expect(ring.current).toEqual(first);

  const restarted = await KeyRing.open({ path, bundle: first, vault });
  expect(restarted.candidate).toEqual({ id: offer.id, handover: next });
  expect(restarted.current).toEqual(first);
  expect(await restarted.acceptOffer(offer)).toBe("candidate");
  await restarted.confirm({ id: offer.id, handover: next });
  const again = await KeyRing.open({ path, bundle: first, vault });
  expect(again.current).toEqual(next);
  expect(again.candidate).toBeUndefined();
  expect(await again.acceptOffer(offer)).toBeUndefined();
  expect(again.report().recipient).toBe(ring.report().recipient);

  const disk = readFileSync(path);
  for (const secret of [first, next].flatMap(({ hub, flow }) => [hub.primaryKey, flow.terminalKey])) {
    expect(disk.includes(secret)).toBe(false);
  }
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);

  // With two offers, the confirmed one becomes current and the other one stays the candidate.
  const later = bundleOf("ring-1", { createdAt: "2026-02-02T00:00:00.000Z" });
  const latest = bundleOf("ring-1", { createdAt: "2026-02-03T00:00:00.000Z" });
  const offers = await Promise.all([offerTo(again, later), offerTo(again, latest)]);
  await Promise.all(offers.map((one) => again.acceptOffer(one)));
  await again.confirm({ id: offers[0]?.id as string, handover: later });
  expect(again.current).toEqual(later);
  expect(again.candidate).toEqual({ id: offers[1]?.id, handover: latest });

  // A newer credential bundle that was installed replaces the stored keys.
  const installed = bundleOf("ring-1", { createdAt: "2026-03-01T00:00:00.000Z" });
  expect((await KeyRing.open({ path, bundle: installed, vault })).current).toEqual(installed);
});

test("the key ring rejects a key offer for another terminal or hub, an older one and an unreadable one, once each", async () => {
  await using folder = await temporaryFolder();
  const vault = await newVault();
  const current = bundleOf("ring-2");
  const ring = await KeyRing.open({ path: folder.file("keys.age"), bundle: current, vault });
  const later = { createdAt: "2026-02-01T00:00:00.000Z" };
  const hub = { ...current.hub, hostName: "other-hub.azure-devices.net" };
  const stranger = await identityToRecipient(await generateIdentity());
  const unreadable = Buffer.from(await sealer({ recipients: [stranger] })(bundleOf("ring-2", later)));
  const cases = [
    ["foreign", await offerTo(ring, bundleOf("ring-3", later))],
    ["foreign", await offerTo(ring, bundleOf("ring-2", { ...later, hub }))],
    ["outdated", await offerTo(ring, bundleOf("ring-2", { createdAt: "2025-12-31T00:00:00.000Z" }))],
    ["unreadable", { id: newOfferId(Date.now()), sealed: unreadable.toString("base64") }],
    ["unreadable", { id: newOfferId(Date.now()), sealed: "" }],
  ] as const;
  for (const [reason, offer] of cases) {
    expect(await ring.acceptOffer(offer)).toBe("refused");
    expect(ring.report().refused).toEqual({ id: offer.id, reason });
    expect(await ring.acceptOffer(offer)).toBeUndefined();
    expect(ring.current).toEqual(current);
  }
  for (const nothing of [undefined, null, {}, { id: "x", sealed: "y" }, "text"]) {
    expect(await ring.acceptOffer(nothing)).toBeUndefined();
  }
});

test("a damaged key file is renamed and replaced; a passphrase seals one too", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("keys.age");
  const vault = await createVault({ passphrase: "an example of a passphrase" });
  const bundle = bundleOf("ring-4");
  const first = await KeyRing.open({ path, bundle, vault });
  const kept = await KeyRing.open({ path, bundle, vault });
  expect(kept.report().recipient).toBe(first.report().recipient);
  writeFileSync(path, "not a sealed file");
  const damaged = await KeyRing.open({ path, bundle, vault });
  expect(damaged.current).toEqual(bundle);
  expect(damaged.report().recipient).not.toBe(first.report().recipient);
  expect(readFileSync(`${path}.damaged`, "utf8")).toBe("not a sealed file");
});

test("a terminal rejects a device key that the IoT Hub rejects, and keeps its current keys", async () => {
  await using folder = await temporaryFolder();
  const id = "ring-hub";
  const handover = await settle(operator, id, "example-customer");
  const home = folder.file("home");
  const vault = await newVault();
  const terminal = await startTerminal(handover, home, { network: fleet.network, vault });
  await terminal.stop();
  const clock = new ForwardClock();
  const turn = async (wanted: ("hub" | "flow")[], waitMs: number) => {
    const results = await rotateTerminals(new Map([[id, wanted]]), runOf(operator, clock), { waitMs });
    return results.get(id);
  };
  expect(await turn(["hub", "flow"], 0)).toMatchObject({ state: "handed over" });
  // Another program replaces the secondary key before the terminal has used it.
  const identity = await operator.registry.get(id);
  if (!identity) throw new Error("It has no identity.");
  const { primaryKey } = identity.authentication.symmetricKey;
  const authentication = { type: "sas", symmetricKey: { primaryKey, secondaryKey: key() } };
  await operator.registry.update({ ...identity, authentication });

  const back = await startTerminal(handover, home, { network: fleet.network, vault });
  try {
    expect(await turn([], 5_000)).toMatchObject({ state: "failed", error: { code: "hubRefused" } });
    expect(back.keyRing.current).toEqual(handover);
    await expectAccepted(operator, { keys: handover });
    // The next run delivers another one.
    expect(await turn([], 5_000)).toMatchObject({ state: "grace" });
    await expectAccepted(operator, { keys: back.keyRing.current });
  } finally {
    await back.stop();
  }
});

test("a network error during the first connection with a new key does not reject the key", async () => {
  await using folder = await temporaryFolder();
  const id = "ring-net";
  const handover = await settle(operator, id, "example-customer");
  const vault = await newVault();
  const said: string[] = [];
  const terminal = await startTerminal(handover, folder.file("home"), {
    network: fleet.network,
    vault,
    log: (line) => said.push(line),
  });
  const webSocket = { host: "*.azure-devices.net", path: "/$iothub/websocket*", first: 1 };
  fleet.proxy.faults.add({ ...webSocket, drop: "before" });
  try {
    const results = await rotateTerminals(
      new Map([[id, ["hub", "flow"]]]),
      runOf(operator, new ForwardClock()),
      {
        waitMs: 60_000,
      },
    );
    expect(results.get(id)).toMatchObject({ state: "grace" });
    expect(terminal.keyRing.current).not.toEqual(handover);
    expect(said).toContainEqual(
      expect.stringMatching(/^not connected: the IoT Hub cannot be reached \(.+\)$/),
    );
  } finally {
    fleet.proxy.faults.clear();
    await terminal.stop();
  }
});
