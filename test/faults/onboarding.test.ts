import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import { afterAll, beforeAll, expect, vi } from "vitest";
import type { Fleet } from "../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../cli/credentials/device-keys.ts";
import { OperatorError } from "../../cli/lib/operator-error.ts";
import { type DeployedFleet, deployFleet } from "../cli/fleet-harness.ts";
import { batchOf, Desk } from "../cli/onboarding/onboarding-desk.ts";
import type { CliResult } from "../cli/run-cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { Lane } from "./lane.ts";
import { Choices, seeded } from "./seeds.ts";
import { onboardingCalls, serviceFaults } from "./service-faults.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 300_000 });

const customer = "faults-customer";
const site = (number: number) => `Site ${number % 2}`;

let fleet: DeployedFleet;
/** A connection without faults, for checks. */
let witness: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** The sealed credential bundles of a folder, by terminal. */
function bundlesOf(desk: Desk): Map<string, string> {
  if (!existsSync(desk.out)) return new Map();
  const files = readdirSync(desk.out).filter((name) => name.endsWith(".age"));
  return new Map(
    files.map((name) => [name.replace(/\.age$/, ""), readFileSync(join(desk.out, name)).toString("base64")]),
  );
}

/** The credential bundles that are valid already, because their Flow key row exists. They must not change any more. */
async function validBundles(desk: Desk): Promise<Map<string, string>> {
  const valid = new Map<string, string>();
  for (const [terminal, sealed] of bundlesOf(desk)) {
    const row = await witness.flowKeys.get(customer, terminal);
    if (row) valid.set(terminal, sealed);
  }
  return valid;
}

/** Each terminal has exactly one identity, one row, one container and one credential bundle that fits them. */
async function expectComplete(desks: Desk[], prefix: string, count: number): Promise<void> {
  const holders = new Map<string, Desk>();
  for (const desk of desks) {
    for (const terminal of bundlesOf(desk).keys()) {
      expect(holders.has(terminal), `${terminal} has two credential bundles`).toBe(false);
      holders.set(terminal, desk);
    }
  }
  expect([...holders.keys()].sort()).toEqual(
    Array.from({ length: count }, (_, number) => `${prefix}-${number}`).sort(),
  );
  await pMap(holders, ([terminal, desk]) => desk.expectOnboarded(witness, terminal), { concurrency: 4 });
}

async function expectUnchanged(before: Map<string, string>, desk: Desk): Promise<void> {
  const now = bundlesOf(desk);
  for (const [terminal, sealed] of before) {
    expect(now.get(terminal), `the valid credential bundle of ${terminal}`).toBe(sealed);
  }
}

/** Creates some identities beforehand, as a bulk call that was half done: the next call fails for these. */
async function createSome(choices: Choices, prefix: string, count: number): Promise<void> {
  const some = Array.from({ length: count }, (_, number) => number).filter(() => choices.chance(0.5));
  if (some.length === 0) return;
  await witness.registry.create(
    some.map((number) => ({
      id: `${prefix}-${number}`,
      keys: mintDeviceKeys(),
      tags: { customer, site: site(number) },
    })),
  );
}

/** Runs with service faults, cancellations, a full disk and a second operator; the last run is without faults. */
async function onboardWithFaults(seed: number): Promise<void> {
  const choices = new Choices(seed);
  await using folder = await temporaryFolder();
  await using second = await temporaryFolder();
  await using lane = await Lane.open(fleet);
  const prefix = `shaken-${seed}`;
  const count = choices.between(1, 8);
  const batch = batchOf(prefix, count, customer);
  const desk = await Desk.at(fleet, folder.path, batch);
  const rival = choices.chance(0.15) ? await Desk.at(fleet, second.path, batch) : undefined;
  const importMode = choices.chance(0.15) ? ("always" as const) : ("never" as const);
  if (choices.chance(0.25)) await createSome(choices, prefix, count);
  const attempts = choices.between(1, 2);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await validBundles(desk);
    const operator = await lane.connect();
    for (const rule of serviceFaults(choices, onboardingCalls)) lane.proxy.faults.add(rule);
    const isFull = process.platform === "linux" && choices.chance(0.15);
    const unlucky = `${prefix}-${choices.between(0, count - 1)}`;
    const fullDiskFor = isFull ? unlucky : undefined;
    const stop = new AbortController();
    if (choices.chance(0.15)) setTimeout(() => stop.abort(), choices.between(10, 1_500));
    const runs = [lane.onboard(desk, operator, { importMode, signal: stop.signal, fullDiskFor })];
    if (rival) runs.push(lane.onboard(rival, operator, { importMode }));
    for (const { error, results } of await Promise.all(runs)) {
      if (error !== undefined) expect(error, (error as Error).stack).toBeInstanceOf(OperatorError);
      for (const result of results) if (result.outcome !== "failed") expect(result.error).toBeUndefined();
    }
    lane.proxy.faults.clear();
    await expectUnchanged(before, desk);
  }
  const before = await validBundles(desk);
  const operator = await lane.connect();
  for (const one of rival ? [desk, rival] : [desk]) {
    const { error, results } = await lane.onboard(one, operator, { importMode });
    expect(error, (error as Error | undefined)?.stack).toBeUndefined();
    if (!rival) expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  }
  await expectUnchanged(before, desk);
  await expectComplete(rival ? [desk, rival] : [desk], prefix, count);
}

/** Kills a run in a process of its own, with a wrong clock, a limit of the file size and service faults. */
async function onboardAndKill(seed: number): Promise<void> {
  const choices = new Choices(seed + 1_000_000);
  await using folder = await temporaryFolder();
  await using lane = await Lane.open(fleet);
  const prefix = `killed-${seed}`;
  const count = choices.between(1, 12);
  const desk = await Desk.at(fleet, folder.path, batchOf(prefix, count, customer));
  if (choices.chance(0.3))
    for (const rule of serviceFaults(choices, onboardingCalls)) lane.proxy.faults.add(rule);
  const skewMs = choices.chance(0.3) ? choices.between(-20, 20) * 60_000 : 0;
  const isLimited = process.platform === "linux" && choices.chance(0.2);
  // The whole run makes about this many requests, so the kill can happen anywhere in it.
  const killAt = choices.between(1, 10 + 3 * count);
  const delayMs = choices.one([0, 0, 5, 20, 60]);
  const reached = new Promise<void>((resolve) => {
    lane.onRequest = (number) => {
      if (number === killAt) resolve();
    };
  }).then(() => sleep(delayMs));
  const first = await desk.onboard([], {
    env: { ...lane.env, FAULT_CLOCK_SKEW_MS: String(skewMs) },
    nodeArgs: ["--import", join(import.meta.dirname, "skewed-clock.ts")],
    killWhen: isLimited ? undefined : reached,
    // A credential bundle fits, or the run would not start. The journal of some batches does not fit.
    largestFileBytes: isLimited ? choices.between(9, 16) * 512 : undefined,
  });
  expectReported(first);
  lane.onRequest = () => {};
  lane.proxy.faults.clear();
  const before = await validBundles(desk);
  const operator = await lane.connect();
  const { error, results } = await lane.onboard(desk, operator);
  expect(error, (error as Error | undefined)?.stack).toBeUndefined();
  expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  await expectUnchanged(before, desk);
  await expectComplete([desk], prefix, count);
}

/** A run that ended by itself printed a message and no stack trace. */
function expectReported({ code, stderr }: CliResult): void {
  expect([-1, 0, 1, 3, 4], stderr).toContain(code);
  expect(stderr).not.toMatch(/\n {4}at /);
}

seeded(
  "onboarding gives each terminal exactly one valid bundle after faults, cancellations and a full disk",
  { few: 24, all: 240, atOnce: 12 },
  onboardWithFaults,
);
seeded(
  "onboarding continues after kill -9, with a wrong clock and a limit of the file size",
  { few: 6, all: 130, atOnce: 3 },
  onboardAndKill,
);
