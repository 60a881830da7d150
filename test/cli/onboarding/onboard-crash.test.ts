import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultRule } from "@terminal-fleet/sandbox/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { jsonLines } from "../run-cli.ts";
import { batchOf, Desk, expectAllOnboarded } from "./onboarding-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterEach(() => fleet.proxy.faults.clear());
afterAll(() => fleet?.[Symbol.asyncDispose]());

const countFiles = (desk: Desk, ending: string) =>
  existsSync(desk.out) ? readdirSync(desk.out).filter((name) => name.endsWith(ending)).length : 0;
/** Number of credential bundles in a desk's folder. */
const countBundles = (desk: Desk) => countFiles(desk, ".age");
/** Number of credential bundles under a temporary name. */
const countStaged = (desk: Desk) => countFiles(desk, ".age.partial");

const numbered = (prefix: string, length: number, desk: Desk) =>
  Array.from({ length }, (_, number): [string, Desk] => [`${prefix}-${number}`, desk]);

/** Whether a check is true for at least one terminal of a batch. */
async function hasSome(prefix: string, check: (terminal: string) => Promise<boolean>): Promise<boolean> {
  for (let number = 0; number < count; number++) if (await check(`${prefix}-${number}`)) return true;
  return false;
}

/** An hour: the run is killed before it ends. */
const delayMs = 3_600_000;
const count = 30;

describe("a run after one that was killed", () => {
  const moments: [string, FaultRule, (desk: Desk, prefix: string) => boolean | Promise<boolean>][] = [
    [
      "after the bundles were staged, before the identities were created",
      { host: "*.azure-devices.net", method: "POST", path: "/devices", delayMs },
      (desk) => countStaged(desk) === count,
    ],
    [
      "after the identities were created, before the answer arrived",
      { host: "*.azure-devices.net", method: "POST", drop: "after" },
      async (_desk, prefix) => (await operator.registry.get(`${prefix}-0`)) !== undefined,
    ],
    [
      "while containers were created",
      { host: "*.blob.core.windows.net", method: "PUT", skip: 25, delayMs },
      // Containers are created concurrently, in no order.
      (_desk, prefix) => hasSome(prefix, (terminal) => operator.files.hasContainer(terminal)),
    ],
    [
      "after the bundles were sealed, before the Flow key rows were added",
      { host: "*.table.core.windows.net", method: "POST", delayMs },
      (desk) => countBundles(desk) === count,
    ],
    [
      "after the Flow key rows were added, before the answer arrived",
      { host: "*.table.core.windows.net", method: "POST", drop: "after" },
      async (_desk, prefix) => (await operator.flowKeys.get("example-customer", `${prefix}-0`)) !== undefined,
    ],
  ];
  test.each(moments)("onboards all terminals once: killed %s", async (moment, rule, isReached) => {
    await using folder = await temporaryFolder();
    const prefix = `killed-${moments.findIndex(([name]) => name === moment)}`;
    const desk = await Desk.at(fleet, folder.path, batchOf(prefix, count));
    fleet.proxy.faults.add(rule);
    const killed = await desk.onboard([], {
      killWhen: waitFor(`the run to be killed ${moment}`, () => isReached(desk, prefix)),
    });
    expect(killed.code).toBe(-1);
    fleet.proxy.faults.clear();

    const result = await desk.onboard(["--json"]);
    expect(result.code, result.stdout).toBe(0);
    expect(jsonLines(result).at(-1)).toMatchObject({ failed: 0, left: 0 });
    await expectAllOnboarded(operator, numbered(prefix, count, desk));
    expect(readdirSync(desk.out)).toHaveLength(count);
  });
});

test("a run onboards all terminals once in spite of dropped connections and errors 500, 503 and 429 of every service", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("shaken", 120));
  const rate = 0.03;
  fleet.proxy.faults.add({ rate, seed: 1, host: "*.core.windows.net", drop: "after" });
  fleet.proxy.faults.add({ rate, seed: 2, host: "*.core.windows.net", drop: "before" });
  fleet.proxy.faults.add({ rate, seed: 3, host: "*.core.windows.net", answer: { status: 503 } });
  fleet.proxy.faults.add({ rate: 0.1, seed: 4, host: "*.azure-devices.net", drop: "after" });
  fleet.proxy.faults.add({ rate: 0.1, seed: 5, host: "*.azure-devices.net", answer: { status: 500 } });
  fleet.proxy.faults.add({ rate: 0.2, seed: 6, host: "management.azure.com", answer: { status: 500 } });
  const result = await desk.onboard(["--json"]);
  fleet.proxy.faults.clear();
  expect(result.code, result.stdout.slice(-2000)).toBe(0);
  expect(jsonLines(result).at(-1)).toMatchObject({ onboarded: 120, failed: 0 });
  await expectAllOnboarded(operator, numbered("shaken", 120, desk));
});

test("two operators who onboard the same batch at once have one credential bundle a terminal, and all work", async () => {
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  const batch = batchOf("shared", 150);
  const desks = [await Desk.at(fleet, here.path, batch), await Desk.at(fleet, there.path, batch)];
  const results = await Promise.all(desks.map((desk) => desk.onboard(["--json"])));
  const summaries = results.map((result) => jsonLines(result).find(({ type }) => type === "summary"));
  expect(summaries.reduce((sum, summary) => sum + Number(summary?.onboarded), 0)).toBe(150);
  const holders = new Map<string, Desk>();
  for (const desk of desks) {
    for (const file of readdirSync(desk.out)) {
      const terminal = file.replace(/\.age$/, "");
      expect(holders.has(terminal)).toBe(false);
      holders.set(terminal, desk);
    }
  }
  expect(holders.size).toBe(150);
  await expectAllOnboarded(operator, holders);
});

test("a second run on the same batch exits 2 while the first one has the lock", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("locked", 2));
  const secondRun = Promise.withResolvers<void>();
  fleet.proxy.faults.add({ host: "*.azure-devices.net", method: "POST", until: secondRun.promise });
  const first = desk.onboard();
  await waitFor("the first run to lock the journal", () => existsSync(`${fleet.journalOf(desk.batch)}.lock`));
  const second = await desk.onboard();
  secondRun.resolve();
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/another run \(process \d+\) is onboarding this batch/);
  expect((await first).code).toBe(0);
});

test("Ctrl-C during a wait for the IoT Hub's throttle ends the run with 130, and a later run continues", async () => {
  await using throttled = await deployFleet({ tier: "S1", throttling: true });
  await using folder = await temporaryFolder();
  const desk = await Desk.at(throttled, folder.path, batchOf("paced", 300));
  const planned = jsonLines(await desk.onboard(["--dry-run", "--json"]));
  expect(planned).toMatchObject([{ new: 300, seconds: 120, hub: { tier: "S1", units: 1 } }]);
  const result = await desk.onboard([], {
    interruptWhen: waitFor("100 credential bundles", () => countBundles(desk) === 100),
  });
  expect(result.code, result.stderr).toBe(130);
  expect(result.stdout).toMatch(/onboarded now +100\n/);
  expect(result.stdout).toMatch(/not tried +200\n/);
  expect(result.stderr).toContain("Run the same command again: it continues.");
  // The bundles of the terminals that waited for the throttle were staged.
  expect(readdirSync(desk.out)).toHaveLength(100);
  // The journal has one line for each credential bundle, and one more for each Flow key row.
  expect(readFileSync(throttled.journalOf(desk.batch), "utf8").trim().split("\n")).toHaveLength(200);
  expect(existsSync(`${throttled.journalOf(desk.batch)}.lock`)).toBe(false);
  const again = jsonLines(await desk.onboard(["--dry-run", "--json"]));
  expect(again).toMatchObject([{ new: 200, unchanged: 100 }]);
});

test("a bundle that cannot be written ends the run before the identities that wait for the throttle are created", async () => {
  await using throttled = await deployFleet({ tier: "S1", throttling: true });
  await using folder = await temporaryFolder();
  const desk = await Desk.at(throttled, folder.path, batchOf("blocked", 300));
  const blocked = join(desk.out, ".blocked-299.age.partial");
  mkdirSync(blocked, { recursive: true, mode: 0o700 });
  const result = await desk.onboard();
  expect(result.code, result.stderr).toBe(1);
  expect(result.stderr).toContain("out cannot be written: it is a folder");
  expect(result.stderr).toContain("Free disk space or correct the folder's permissions, and run this again");
  const witness = await throttled.connect();
  for (const number of [100, 199, 200, 299]) {
    expect(await witness.registry.get(`blocked-${number}`), String(number)).toBeUndefined();
  }
  // Nothing but the folder is left of the bundles that were staged.
  expect(countStaged(desk)).toBe(1);
});
