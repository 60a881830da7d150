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
import { fillDisk, Lane } from "./lane.ts";
import { onboardingCalls, serviceFaults } from "./plans.ts";
import { Choices, seeded } from "./seeds.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const customer = "faults-customer";
const site = (number: number) => `Site ${number % 2}`;

let fleet: DeployedFleet;
let witness: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  // Its clients keep the proxy of the moment when they are made.
  await witness.files.serviceClient();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Hand-overs of a folder, by terminal. */
function sealedIn(desk: Desk): Map<string, string> {
  if (!existsSync(desk.out)) return new Map();
  const files = readdirSync(desk.out).filter((name) => name.endsWith(".age"));
  return new Map(
    files.map((name) => [name.replace(/\.age$/, ""), readFileSync(join(desk.out, name)).toString("base64")]),
  );
}

/** The hand-overs that work already: their Flow row is there. None of them may change from now on. */
async function working(desk: Desk): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [terminal, sealed] of sealedIn(desk)) {
    const row = await witness.flowKeys.get(customer, terminal);
    if (row) found.set(terminal, sealed);
  }
  return found;
}

/** Nothing lost, nothing doubled: each terminal has one identity, one row, one container and one hand-over of them. */
async function expectComplete(desks: Desk[], prefix: string, count: number): Promise<void> {
  const holders = new Map<string, Desk>();
  for (const desk of desks) {
    for (const terminal of sealedIn(desk).keys()) {
      expect(holders.has(terminal), `${terminal} has two hand-overs`).toBe(false);
      holders.set(terminal, desk);
    }
  }
  expect([...holders.keys()].sort()).toEqual(
    Array.from({ length: count }, (_, number) => `${prefix}-${number}`).sort(),
  );
  await pMap(holders, ([terminal, desk]) => desk.expectOnboarded(witness, terminal), { concurrency: 4 });
}

async function expectUnchanged(before: Map<string, string>, desk: Desk): Promise<void> {
  const now = sealedIn(desk);
  for (const [terminal, sealed] of before) {
    expect(now.get(terminal), `the working hand-over of ${terminal}`).toBe(sealed);
  }
}

/** Some identities are there before, as after a bulk call that was half done: the next one fails for these. */
async function makeSome(choices: Choices, prefix: string, count: number): Promise<void> {
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

async function shaken(seed: number): Promise<void> {
  const choices = new Choices(seed);
  const lane = await Lane.open(fleet);
  await using folder = await temporaryFolder();
  await using second = await temporaryFolder();
  try {
    const prefix = `shaken-${seed}`;
    const count = choices.between(1, 8);
    const batch = batchOf(prefix, count, customer);
    const desk = await Desk.at(fleet, folder.path, batch);
    const rival = choices.chance(0.15) ? await Desk.at(fleet, second.path, batch) : undefined;
    const importMode = choices.chance(0.15) ? ("always" as const) : ("never" as const);
    if (choices.chance(0.25)) await makeSome(choices, prefix, count);
    const attempts = choices.between(1, 2);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = await working(desk);
      const operator = await lane.connect();
      for (const rule of serviceFaults(choices, onboardingCalls)) lane.proxy.faults.add(rule);
      const full = process.platform === "linux" && choices.chance(0.15);
      const unlucky = `${prefix}-${choices.between(0, count - 1)}`;
      const makeRoom = full ? fillDisk(desk, unlucky, fleet.journalOf(desk.batch)) : () => {};
      const stop = new AbortController();
      if (choices.chance(0.15)) setTimeout(() => stop.abort(), choices.between(10, 1_500));
      const runs = [lane.onboard(desk, operator, { importMode, signal: stop.signal })];
      if (rival) runs.push(lane.onboard(rival, operator, { importMode }));
      for (const { error, results } of await Promise.all(runs)) {
        if (error !== undefined) expect(error, (error as Error).stack).toBeInstanceOf(OperatorError);
        for (const result of results) if (result.outcome !== "failed") expect(result.error).toBeUndefined();
      }
      lane.proxy.faults.clear();
      makeRoom();
      await expectUnchanged(before, desk);
    }
    const before = await working(desk);
    const operator = await lane.connect();
    for (const one of rival ? [desk, rival] : [desk]) {
      const { error, results } = await lane.onboard(one, operator, { importMode });
      expect(error, (error as Error | undefined)?.stack).toBeUndefined();
      if (!rival) expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    }
    await expectUnchanged(before, desk);
    await expectComplete(rival ? [desk, rival] : [desk], prefix, count);
  } finally {
    await lane.close();
  }
}

/** Kill -9, clock skew, and a limit on files' size in a process of its own; service faults on top. */
async function killed(seed: number): Promise<void> {
  const choices = new Choices(seed + 1_000_000);
  const lane = await Lane.open(fleet);
  await using folder = await temporaryFolder();
  try {
    const prefix = `killed-${seed}`;
    const count = choices.between(1, 12);
    const desk = await Desk.at(fleet, folder.path, batchOf(prefix, count, customer));
    if (choices.chance(0.3))
      for (const rule of serviceFaults(choices, onboardingCalls)) lane.proxy.faults.add(rule);
    const skewMs = choices.chance(0.3) ? choices.between(-20, 20) * 60_000 : 0;
    const limited = process.platform === "linux" && choices.chance(0.2);
    // About as many requests as the whole run takes, so that all of it is hit.
    const at = choices.between(1, 10 + 3 * count);
    const alsoMs = choices.one([0, 0, 5, 20, 60]);
    const reached = new Promise<void>((resolve) => {
      lane.onRequest = (number) => {
        if (number === at) resolve();
      };
    }).then(() => sleep(alsoMs));
    const first = await desk.onboard([], {
      env: { ...lane.env, FAULT_CLOCK_SKEW_MS: String(skewMs) },
      nodeArgs: ["--import", join(import.meta.dirname, "skewed-clock.ts")],
      killWhen: limited ? undefined : reached,
      // A hand-over fits, or the run would not begin; the journal of some does not.
      largestFileBytes: limited ? choices.between(9, 16) * 512 : undefined,
    });
    expectTold(first);
    lane.onRequest = () => {};
    lane.proxy.faults.clear();
    const before = await working(desk);
    const operator = await lane.connect();
    const { error, results } = await lane.onboard(desk, operator);
    expect(error, (error as Error | undefined)?.stack).toBeUndefined();
    expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    await expectUnchanged(before, desk);
    await expectComplete([desk], prefix, count);
  } finally {
    await lane.close();
  }
}

/** A run that ended by itself did so in words, and not as a defect. */
function expectTold({ code, stderr }: CliResult): void {
  expect([-1, 0, 1, 3, 4], stderr).toContain(code);
  expect(stderr).not.toMatch(/\n {4}at /);
}

seeded("onboarding, shaken", { few: 24, all: 240, atOnce: 12 }, shaken);
seeded("onboarding, killed", { few: 6, all: 130, atOnce: 3 }, killed);
