import { readFileSync } from "node:fs";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import { BundleFolder } from "../../../../cli/credentials/bundle-folder.ts";
import type { CredentialBundle } from "../../../../cli/credentials/credential-bundle.ts";
import { sealer, unseal } from "../../../../cli/credentials/seal.ts";
import { findRotationCandidates } from "../../../../cli/lifecycle/key-rotation/candidates.ts";
import type { RotatedKey } from "../../../../cli/lifecycle/key-rotation/record.ts";
import { rotateKeys } from "../../../../cli/lifecycle/key-rotation/rotate-keys.ts";
import { rotateTerminals } from "../../../../cli/lifecycle/key-rotation/rotate-terminals.ts";
import { gatewayCacheMs } from "../../../../cli/lifecycle/key-rotation/subscription-key.ts";
import { reinstate } from "../../../../cli/lifecycle/reinstate.ts";
import { revoke } from "../../../../cli/lifecycle/revoke.ts";
import type { Terminal } from "../../../../reference-terminal/terminal.ts";
import type { Vault } from "../../../../reference-terminal/vault.ts";
import { refuseMovedKeys } from "../../../../sandbox/services/api-management/resource-types/api-subscription.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../../fleet-harness.ts";
import { expectAccepted, ForwardClock, newVault, runOf, settle, startTerminal } from "./rotating-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let vault: Vault;
/** Of the operator, for the credential bundles of reinstated terminals. */
let identity: string;
let recipient: string;
let clock: ForwardClock;
/** Each test has a customer of its own. */
let customer: string;
let made = 0;
const running: Terminal[] = [];
const graceMs = 3_600_000;

beforeAll(async () => {
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  fleet = await deployFleet();
  operator = await fleet.connect();
  folder = await temporaryFolder();
  vault = await newVault();
});
beforeEach(() => {
  customer = `customer-${made++}`;
  clock = new ForwardClock();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((terminal) => terminal.stop()));
});
afterAll(async () => {
  await folder?.[Symbol.asyncDispose]();
  await fleet?.[Symbol.asyncDispose]();
});

const named = (name: string) => `${customer}-${name}`;

async function start(handover: CredentialBundle): Promise<Terminal> {
  const terminal = await startTerminal(handover, folder.file(handover.terminalId), {
    network: fleet.network,
    vault,
  });
  running.push(terminal);
  return terminal;
}

const settled = async (name: string) => start(await settle(operator, named(name), customer));

/** The wait of a run in which something does not happen: a terminal's answer, or the end of another's grace period. */
const inVainMs = 5_000;

/** A run of the customer's terminals, as the command makes it. */
async function run(renewed: RotatedKey[], waitMs = 60_000) {
  const targets = (await findRotationCandidates(operator, customer)).map(({ terminal }) => terminal);
  const said: string[] = [];
  const { results, nextKey: shared } = await rotateKeys(
    targets,
    renewed,
    runOf(operator, clock, { graceMs }),
    {
      customer,
      waitMs,
      onSubscriptionKey: (done) => said.push(done),
    },
  );
  const states = Object.fromEntries(
    [...results].map(([id, { state }]) => [id.replace(`${customer}-`, ""), state]),
  );
  return { states, said, waitsFor: shared?.missingTerminals.map((id) => id.replace(`${customer}-`, "")) };
}

const swapped = "the next subscription key is the primary one now";
const ended = "the old subscription key is invalid; gateways may accept it for another 10 minutes";
const works = (terminal: Terminal) => expectAccepted(operator, { keys: terminal.keyRing.current });

test("a new subscription key is delivered when every gateway accepts it, and the old one becomes invalid last", async () => {
  const terminals = await Promise.all(["a", "b", "c"].map(settled));
  const old = await operator.customers.subscriptionKey(customer);
  const settling = { a: "settling", b: "settling", c: "settling" };
  expect((await run(["shared"], 0)).states).toEqual(settling);
  const { primary, secondary } = await operator.customers.keys(customer);
  expect(primary).toBe(old);
  // A run after a kill continues with the same key.
  expect((await run(["shared"], 0)).states).toEqual(settling);
  expect((await operator.customers.keys(customer)).secondary).toBe(secondary);

  clock.forward(gatewayCacheMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "grace", b: "grace", c: "grace" }, said: [swapped] });
  for (const terminal of terminals) {
    expect(terminal.keyRing.current.flow.sharedKey).toBe(secondary);
    await works(terminal);
  }
  // Terminals onboarded from now on get the new key. The old one is still valid.
  expect(await operator.customers.keys(customer)).toEqual({ primary: secondary, secondary: old });
  await settle(operator, named("later"), customer);

  clock.forward(graceMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "done", b: "done", c: "done" }, said: [ended] });
  const after = await operator.customers.keys(customer);
  expect(after.primary).toBe(secondary);
  expect(after.secondary).not.toBe(old);
  expect((await run([])).waitsFor).toBeUndefined();
  for (const terminal of terminals) await works(terminal);
});

test("the keys are swapped one by one when API Management refuses a key that is the other field's value", async () => {
  const terminal = await settled("a");
  const { primary: old } = await operator.customers.keys(customer);
  await run(["shared"], 0);
  const { secondary: next } = await operator.customers.keys(customer);
  refuseMovedKeys(fleet.azure);
  clock.forward(gatewayCacheMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "grace" }, said: [swapped] });
  expect(await operator.customers.keys(customer)).toEqual({ primary: next, secondary: old });
  await works(terminal);
});

test("a terminal that is onboarded during the rotation gets the new key before the old one becomes invalid", async () => {
  const first = await settled("a");
  await run(["shared"], 0);
  const late = await settled("late");
  clock.forward(gatewayCacheMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "grace", late: "grace" }, said: [swapped] });
  clock.forward(graceMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "done", late: "done" }, said: [ended] });
  await works(first);
  await works(late);
});

test("a terminal that never connected keeps the old key valid until it connects or is revoked", async () => {
  const first = await settled("a");
  const boxed = await settle(operator, named("boxed"), customer);
  const old = await operator.customers.subscriptionKey(customer);
  await run(["shared"], 0);
  clock.forward(gatewayCacheMs + 1);
  const held = await run([]);
  expect(held.states).toEqual({ a: "grace", boxed: "unreachable" });
  expect(Object.values(await operator.customers.keys(customer))).toContain(old);
  await expectAccepted(operator, { keys: boxed });

  await revoke(named("boxed"), operator, { reason: "lost" });
  expect(await run([])).toMatchObject({ states: { a: "grace" }, said: [swapped] });
  clock.forward(graceMs + 1);
  expect((await run([])).said).toEqual([ended]);
  await works(first);
});

test("terminals in another rotation get the new key after that rotation", async () => {
  const terminals = await Promise.all(["a", "b"].map(settled));
  const own = await rotateTerminals(
    new Map([[named("a"), ["hub", "flow"]]]),
    runOf(operator, clock, { graceMs }),
    {
      waitMs: 60_000,
    },
  );
  expect(own.get(named("a"))?.state).toBe("grace");
  await run(["shared"], 0);
  clock.forward(gatewayCacheMs + 1);
  const between = await run([]);
  expect(between).toMatchObject({ states: { a: "grace", b: "grace" }, said: [], waitsFor: ["a"] });
  clock.forward(graceMs + 1);
  expect(await run([], inVainMs)).toMatchObject({ states: { a: "done" }, said: [] });
  expect(await run([], inVainMs)).toMatchObject({ states: { a: "grace" }, said: [swapped] });
  clock.forward(graceMs + 1);
  expect((await run([])).said).toEqual([ended]);
  for (const terminal of terminals) await works(terminal);
});

/** Revokes and reinstates a terminal. @returns Its new credential bundle. */
async function revokeAndReinstate(name: string): Promise<CredentialBundle> {
  const desk = new BundleFolder(folder.file(`${customer}-desk`));
  await desk.prepare();
  await revoke(named(name), operator, { reason: "lost" });
  await reinstate(named(name), operator, { folder: desk, seal: sealer({ recipients: [recipient] }) });
  return unseal(readFileSync(desk.file(named(name))), { identities: [identity] });
}

test("a reinstated terminal gets the primary key, and its earlier report is ignored", async () => {
  const terminals = await Promise.all(["a", "b"].map(settled));
  await settle(operator, named("boxed"), customer);
  await run(["shared"], 0);
  clock.forward(gatewayCacheMs + 1);
  // The third terminal delays the swap. The other two report the next key.
  expect((await run([])).states).toEqual({ a: "grace", b: "grace", boxed: "unreachable" });
  await terminals[1]?.stop();
  const before = await revokeAndReinstate("b");
  await revoke(named("boxed"), operator, { reason: "lost" });
  expect(await run([], inVainMs)).toMatchObject({ states: { a: "grace", b: "handed over" }, said: [] });
  await expectAccepted(operator, { keys: before });

  // When the next key is the primary one, a new credential bundle contains it.
  await revoke(named("b"), operator, { reason: "lost" });
  expect((await run([])).said).toEqual([swapped]);
  await reinstate(named("b"), operator, {
    folder: new BundleFolder(folder.file(`${customer}-desk`)),
    seal: sealer({ recipients: [recipient] }),
  });
  clock.forward(graceMs + 1);
  expect((await run([])).said).toEqual([ended]);
  const sealed = readFileSync(new BundleFolder(folder.file(`${customer}-desk`)).file(named("b")));
  await expectAccepted(operator, { keys: await unseal(sealed, { identities: [identity] }) });
  await works(terminals[0] as Terminal);
});

test("a terminal without a device identity keeps the old key valid, and is named", async () => {
  await settled("a");
  await settle(operator, named("ghost"), customer);
  await operator.registry.delete(named("ghost"));
  await run(["shared"], 0);
  clock.forward(gatewayCacheMs + 1);
  expect(await run([])).toMatchObject({ states: { a: "grace" }, said: [], waitsFor: ["ghost"] });
});

test("a run for single terminals does not continue the rotation of a subscription key", async () => {
  await settled("a");
  await run(["shared"], 0);
  const before = await operator.twins.get(named("a"));
  const result = await rotateTerminals(new Map([[named("a"), []]]), runOf(operator, clock), { waitMs: 0 });
  expect(result.get(named("a"))).toMatchObject({
    state: "failed",
    error: { message: "the subscription key of its customer is being rotated" },
  });
  expect((await operator.twins.get(named("a")))?.tags).toEqual(before?.tags);
});

test("a deleted device that the query index still lists does not delay the rotation", async () => {
  await settled("a");
  await run(["shared"], 0);
  clock.forward(gatewayCacheMs + 1);
  const targets = [named("a"), named("deleted")];
  const { results } = await rotateKeys(targets, [], runOf(operator, clock, { graceMs }), {
    customer,
    waitMs: 60_000,
  });
  expect([...results.values()].map(({ state }) => state).sort()).toEqual(["gone", "grace"]);
});
