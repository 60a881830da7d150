import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import type { CredentialBundle } from "../../../../cli/credentials/credential-bundle.ts";
import { sha256Base64 } from "../../../../cli/lib/sha256.ts";
import type { RotationContext } from "../../../../cli/lifecycle/key-rotation/context.ts";
import type { RotatedKey } from "../../../../cli/lifecycle/key-rotation/record.ts";
import {
  type RotationResult,
  rotateTerminals,
} from "../../../../cli/lifecycle/key-rotation/rotate-terminals.ts";
import { revoke } from "../../../../cli/lifecycle/revoke.ts";
import type { Terminal, TerminalOptions } from "../../../../reference-terminal/terminal.ts";
import type { Vault } from "../../../../reference-terminal/vault.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../../fleet-harness.ts";
import {
  expectAccepted,
  ForwardClock,
  newVault,
  rotationOf,
  runOf,
  settle,
  startTerminal,
} from "./rotating-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let vault: Vault;
let clock: ForwardClock;
const running: Terminal[] = [];
let made = 0;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  vault = await newVault();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ForwardClock();
});
afterEach(async () => {
  fleet.proxy.faults.clear();
  await Promise.all(running.splice(0).map((terminal) => terminal.stop()));
  await folder[Symbol.asyncDispose]();
});

const both: RotatedKey[] = ["hub", "flow"];
const newId = () => `rotating-${made++}`;

async function start(handover: CredentialBundle, options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  const terminal = await startTerminal(handover, folder.file(handover.terminalId), {
    network: fleet.network,
    vault,
    ...options,
  });
  running.push(terminal);
  return terminal;
}

async function run(
  terminals: string[],
  context: RotationContext,
  wanted = both,
  waitMs = 60_000,
): Promise<RotationResult[]> {
  const results = await rotateTerminals(new Map(terminals.map((id) => [id, wanted])), context, { waitMs });
  return [...results.values()];
}

test("a connected terminal gets new keys in its twin, and its current keys are accepted at every moment", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const terminal = await start(handover);
  let over = false;
  const watching = (async () => {
    for (let looks = 0; ; looks++) {
      await expectAccepted(operator, { keys: terminal.keyRing.current });
      if (over) return looks;
      await sleep(5);
    }
  })();
  const context = runOf(operator, clock);
  const [graced] = await run([id], context);
  expect(graced).toMatchObject({ terminal: id, state: "grace" });
  const now = terminal.keyRing.current;
  expect(now.hub.primaryKey).not.toBe(handover.hub.primaryKey);
  expect(now.flow.terminalKey).not.toBe(handover.flow.terminalKey);
  // The old ones work on.
  await expectAccepted(operator, { keys: handover });
  const twin = await operator.twins.get(id);
  expect(twin?.properties.desired.keys).toBeUndefined();

  clock.forward(3_600_000 + 1);
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "done" }]);
  over = true;
  expect(await watching).toBeGreaterThan(5);
  const identity = await operator.registry.get(id);
  expect(identity?.authentication.symmetricKey.primaryKey).toBe(now.hub.primaryKey);
  expect(Object.values(identity?.authentication.symmetricKey ?? {})).not.toContain(handover.hub.primaryKey);
  expect(await operator.flowKeys.get("example-customer", id)).toMatchObject({
    currentKeySha256: sha256Base64(now.flow.terminalKey),
    previousKeySha256: "",
  });
  expect(await rotationOf(operator, id)).toBeUndefined();
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "nothing" }]);

  // After a restart it works with what it has taken, though it is started with its first hand-over.
  await terminal.stop();
  const again = await start(handover);
  expect(again.keyRing.current).toEqual(now);
  expect((await operator.twins.get(id))?.connectionState).toBe("Connected");
});

test("a disconnected terminal gets new keys when it connects again", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  await (await start(handover)).stop();
  expect(await run([id], runOf(operator, clock), both, 0)).toMatchObject([{ state: "handed over" }]);
  await expectAccepted(operator, { keys: handover });
  const terminal = await start(handover);
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "grace" }]);
  await expectAccepted(operator, { keys: terminal.keyRing.current });
  expect(terminal.keyRing.current.hub.primaryKey).not.toBe(handover.hub.primaryKey);
});

test("rotating only the Flow key keeps the device keys", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const terminal = await start(handover);
  expect(await run([id], runOf(operator, clock), ["flow"])).toMatchObject([{ state: "grace" }]);
  expect(terminal.keyRing.current.hub).toEqual(handover.hub);
  expect(terminal.keyRing.current.flow.terminalKey).not.toBe(handover.flow.terminalKey);
  await expectAccepted(operator, { keys: terminal.keyRing.current });
});

test("with lost requests and responses the keys stay valid, and the next run continues", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const terminal = await start(handover);
  // A change of each kind is cut off once, before or after it was made.
  for (const [host, method] of [
    ["*.azure-devices.net", "PATCH"],
    ["*.azure-devices.net", "PUT"],
    ["*.table.core.windows.net", "PATCH"],
  ] as const) {
    for (const drop of ["before", "after"] as const) {
      fleet.proxy.faults.add({ host, method, drop, first: 1 });
      await run([id], runOf(operator, clock), both, 200);
      fleet.proxy.faults.clear();
      await expectAccepted(operator, { keys: terminal.keyRing.current });
    }
  }
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "grace" }]);
  clock.forward(3_600_001);
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "done" }]);
  await expectAccepted(operator, { keys: terminal.keyRing.current });
});

test("of two concurrent runs one rotates the terminal, and its keys are valid afterwards", async () => {
  const ids = Array.from({ length: 6 }, newId);
  const terminals = await Promise.all(
    ids.map(async (id) => start(await settle(operator, id, "example-customer"))),
  );
  await Promise.all([run(ids, runOf(operator, clock)), run(ids, runOf(operator, clock))]);
  const results = await run(ids, runOf(operator, clock), []);
  expect(results.map(({ state }) => state)).toEqual(ids.map(() => "grace"));
  for (const terminal of terminals) await expectAccepted(operator, { keys: terminal.keyRing.current });
});

test("a terminal that reports another recipient gets no keys without --new-recipient", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const first = await start(handover);
  expect(await run([id], runOf(operator, clock))).toMatchObject([{ state: "grace" }]);
  clock.forward(3_600_001);
  expect(await run([id], runOf(operator, clock), [])).toMatchObject([{ state: "done" }]);
  const keys = first.keyRing.current;
  await first.stop();
  const anew = await startTerminal(keys, folder.file("another-folder"), { network: fleet.network, vault });
  running.push(anew);
  const [refused] = await run([id], runOf(operator, clock));
  expect(refused).toMatchObject({ state: "failed" });
  expect(refused?.error?.message).toContain("another age recipient");
  await expectAccepted(operator, { keys });
  expect(await run([id], runOf(operator, clock, { acceptsNewRecipient: true }))).toMatchObject([
    { state: "grace" },
  ]);
});

test("a terminal that cannot open a key offer keeps its keys and reports the reason", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const terminal = await start(handover);
  await terminal.stop();
  expect(await run([id], runOf(operator, clock), both, 0)).toMatchObject([{ state: "handed over" }]);
  // Another memory: it cannot open what was sealed for the first one.
  const other = await startTerminal(handover, folder.file("other"), { network: fleet.network, vault });
  running.push(other);
  const [result] = await run([id], runOf(operator, clock), []);
  expect(result).toMatchObject({ state: "failed", error: { code: "unreadable" } });
  expect(other.keyRing.current).toEqual(handover);
  await expectAccepted(operator, { keys: handover });
  expect(await run([id], runOf(operator, clock, { acceptsNewRecipient: true }), [])).toMatchObject([
    { state: "grace" },
  ]);
  await expectAccepted(operator, { keys: other.keyRing.current });
});

test("a revoked terminal is not rotated, and one that is revoked during its rotation stays revoked", async () => {
  const id = newId();
  const handover = await settle(operator, id, "example-customer");
  const terminal = await start(handover);
  expect(await run([id], runOf(operator, clock))).toMatchObject([{ state: "grace" }]);
  await revoke(id, operator, { reason: "stolen" });
  clock.forward(3_600_001);
  const [result] = await run([id], runOf(operator, clock), []);
  expect(result?.error?.message).toBe("it is revoked (stolen)");
  expect((await operator.registry.get(id))?.status).toBe("disabled");
  expect(await operator.flowKeys.get("example-customer", id)).toMatchObject({ status: "revoked" });
  await terminal.stop();
});
