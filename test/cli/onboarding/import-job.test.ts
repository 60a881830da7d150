import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { DeviceFile, type ImportAccount } from "../../../cli/onboarding/device-file.ts";
import { isImported } from "../../../cli/onboarding/import-scheduler.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet, importRole } from "../fleet-harness.ts";
import { jsonLines } from "../run-cli.ts";
import { batchOf, Desk, expectAllOnboarded } from "./onboarding-desk.ts";

vi.setConfig({ testTimeout: 180_000 });

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterEach(() => fleet.proxy.faults.clear());
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Containers of imports, which hold keys. */
const importContainers = () => containersOf(operator.imports);

async function containersOf(account: ImportAccount): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of (await account.serviceClient()).listContainers()) names.push(name);
  return names;
}

const numbered = (prefix: string, length: number, desk: Desk) =>
  Array.from({ length }, (_, number): [string, Desk] => [`${prefix}-${number}`, desk]);

const sealed = (desk: Desk) => readdirSync(desk.out).map((file) => file.replace(/\.age$/, ""));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

test("the hub's import job makes the identities, and no key stays behind", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("imported", 250));
  // One that is there already, of another customer: it is told, and the others are made.
  const keys = mintDeviceKeys();
  await operator.registry.create([{ id: "imported-7", keys, tags: { customer: "other", site: "Site 1" } }]);
  // Bulk calls would show that it is not the job that makes them.
  fleet.proxy.faults.add({
    host: "*.azure-devices.net",
    path: "/devices?*",
    method: "POST",
    skip: 1,
    answer: { status: 500 },
  });
  const result = await desk.onboard(["--json", "--import", "always"]);
  expect(
    jsonLines(result).find(({ type }) => type === "summary"),
    result.stdout,
  ).toMatchObject({
    onboarded: 249,
    failed: 1,
  });
  expect(result.stdout).toContain("its identity exists with the customer");
  await expectAllOnboarded(
    operator,
    numbered("imported", 250, desk).filter(([id]) => id !== "imported-7"),
  );
  expect(await importContainers()).toEqual([]);
  const said = result.stdout + result.stderr + readFileSync(fleet.journalOf(desk.batch), "utf8");
  const { hub, flow } = await desk.open("imported-0");
  for (const key of [hub.primaryKey, flow.terminalKey, flow.sharedKey]) expect(said).not.toContain(key);
  fleet.proxy.faults.clear();
  const again = jsonLines(await desk.onboard(["--json", "--import", "always"]));
  expect(again.find(({ type }) => type === "summary")).toMatchObject({ unchanged: 249 });
});

const written = async () => {
  const [container] = await importContainers();
  if (!container) return false;
  return (await operator.imports.containerClient(container)).getBlobClient("devices.txt").exists();
};
const made = async (prefix: string) => (await operator.registry.get(`${prefix}-119`)) !== undefined;

test.each([
  ["before the job was started", "start", { path: "/jobs/create*", delayMs: 3_600_000 }, written],
  ["before the answer that it was started", "answer", { path: "/jobs/create*", drop: "after" }, made],
  ["while the hub worked", "work", { path: "/jobs/*", method: "GET", delayMs: 3_600_000 }, made],
] as const)("kill -9 %s, then again: nothing is lost or left", async (_what, moment, rule, reached) => {
  await using folder = await temporaryFolder();
  const prefix = `import-${moment}`;
  const desk = await Desk.at(fleet, folder.path, batchOf(prefix, 120, "killed-customer"));
  const disarm = fleet.proxy.faults.add({ host: "*.azure-devices.net", ...rule });
  const killed = await desk.onboard(["--import", "always"], {
    killWhen: until(() => reached(prefix)),
  });
  disarm();
  expect(killed.code).toBe(-1);
  expect(await importContainers()).toHaveLength(1);
  // What the files' account has held, it can bring back.
  expect((await containersOf(operator.files)).filter((name) => name.startsWith("device-import-"))).toEqual(
    [],
  );
  const result = await desk.onboard(["--json", "--import", "never"]);
  expect(result.code, result.stdout).toBe(0);
  await expectAllOnboarded(operator, numbered(prefix, 120, desk));
  expect(await importContainers()).toEqual([]);
});

test("two operators import at once, the same batch and another: each terminal has one hand-over that works", async () => {
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  await using elsewhere = await temporaryFolder();
  const desks = [
    await Desk.at(fleet, here.path, batchOf("both", 150)),
    await Desk.at(fleet, there.path, batchOf("both", 150)),
    await Desk.at(fleet, elsewhere.path, batchOf("other", 150, "other-customer")),
  ];
  const results = await Promise.all(desks.map((desk) => desk.onboard(["--json", "--import", "always"])));
  const onboarded = results.map((result) =>
    Number(jsonLines(result).find(({ type }) => type === "summary")?.onboarded),
  );
  expect((onboarded[0] as number) + (onboarded[1] as number), results[0]?.stdout.slice(-3000)).toBe(150);
  expect(onboarded[2]).toBe(150);
  const holders = new Map(
    desks.slice(0, 2).flatMap((desk) => sealed(desk).map((terminal): [string, Desk] => [terminal, desk])),
  );
  expect(holders.size).toBe(150);
  await expectAllOnboarded(operator, holders);
  await expectAllOnboarded(operator, numbered("other", 150, desks[2] as Desk));
  expect(await importContainers()).toEqual([]);
});

test("a live run's import is nobody else's to clean up", async () => {
  const label = { hub: fleet.outputs.hubHostName, customer: "live-customer" };
  const alive = await DeviceFile.create(operator.imports, label);
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("beside", 2));
  expect((await desk.onboard()).code).toBe(0);
  expect(await importContainers()).toHaveLength(1);
  await alive.release();
  expect((await desk.onboard()).code).toBe(0);
  expect(await importContainers()).toEqual([]);
});

test("without the right to jobs it says which, and how to go without", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("no-jobs", 2));
  const giveBack = fleet.withdraw(importRole);
  try {
    const result = await desk.onboard(["--import", "always"]);
    expect(result.code, result.stderr).toBe(3);
    expect(result.stderr).toContain("Microsoft.Devices/IotHubs/jobs/*");
    expect((await desk.onboard(["--import", "never"])).code).toBe(0);
  } finally {
    giveBack();
  }
  expect(await importContainers()).toEqual([]);
});

test("auto: what the tier's pace would make long is imported", () => {
  expect(isImported("auto", 2_000, 100)).toBe(false);
  expect(isImported("auto", 2_200, 100)).toBe(true);
  expect(isImported("auto", 2_200, 300)).toBe(false);
  expect(isImported("auto", 100_000, 5_000)).toBe(false);
  expect(isImported("auto", 110_000, 5_000)).toBe(true);
  expect(isImported("always", 1, 5_000)).toBe(true);
  expect(isImported("never", 1_000_000, 100)).toBe(false);
});
