import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { DeviceFile, leaseSeconds } from "../../../cli/onboarding/device-file.ts";
import { importIdentities } from "../../../cli/onboarding/import-job.ts";
import { ImportScheduler, isImported } from "../../../cli/onboarding/import-scheduler.ts";
import type { OnboardingContext } from "../../../cli/onboarding/onboard-chunk.ts";
import type { ImportAccount } from "../../../cli/onboarding/stored-imports.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";
import { type DeployedFleet, deployFleet, importRole } from "../fleet-harness.ts";
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

/** The containers of imports, which hold device keys. */
const importContainers = () => listContainers(operator.imports);

async function listContainers(account: ImportAccount): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of (await account.serviceClient()).listContainers()) names.push(name);
  return names;
}

const numbered = (prefix: string, length: number, desk: Desk) =>
  Array.from({ length }, (_, number): [string, Desk] => [`${prefix}-${number}`, desk]);

const sealedTerminals = (desk: Desk) => readdirSync(desk.out).map((file) => file.replace(/\.age$/, ""));

test("an import job creates the device identities, and no key remains in storage or output", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("imported", 120));
  // A device of another customer: it is reported, and all others are created.
  const keys = mintDeviceKeys();
  await operator.registry.create([{ id: "imported-7", keys, tags: { customer: "other", site: "Site 1" } }]);
  // The first bulk call, for imported-7, passes. Any other would show that the job does not create the identities.
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
  ).toMatchObject({ onboarded: 119, failed: 1 });
  expect(result.stdout).toContain("its device identity exists with the customer");
  await expectAllOnboarded(
    operator,
    numbered("imported", 120, desk).filter(([id]) => id !== "imported-7"),
  );
  expect(await importContainers()).toEqual([]);
  const written = result.stdout + result.stderr + readFileSync(fleet.journalOf(desk.batch), "utf8");
  const { hub, flow } = await desk.open("imported-0");
  for (const key of [hub.primaryKey, flow.terminalKey, flow.sharedKey]) expect(written).not.toContain(key);
  fleet.proxy.faults.clear();
  const again = jsonLines(await desk.onboard(["--json", "--import", "always"]));
  expect(again.find(({ type }) => type === "summary")).toMatchObject({ unchanged: 119 });
});

/** Whether an import's devices.txt is written. */
const isFileWritten = async () => {
  const [container] = await importContainers();
  if (!container) return false;
  return (await operator.imports.containerClient(container)).getBlobClient("devices.txt").exists();
};
/** Number of terminals of a killed run. */
const killedCount = 30;
/** Whether the last device of a killed run's batch is created. */
const isCreated = async (prefix: string) =>
  (await operator.registry.get(`${prefix}-${killedCount - 1}`)) !== undefined;

test.each([
  ["before the job was started", "start", { path: "/jobs/create*", delayMs: 3_600_000 }, isFileWritten],
  ["before the answer that it was started", "answer", { path: "/jobs/create*", drop: "after" }, isCreated],
  ["while the job was running", "work", { path: "/jobs/*", method: "GET", delayMs: 3_600_000 }, isCreated],
] as const)(
  "a run after one that was killed %s onboards all terminals with the keys of the import",
  async (moment, name, rule, isReached) => {
    await using folder = await temporaryFolder();
    const prefix = `import-${name}`;
    const desk = await Desk.at(fleet, folder.path, batchOf(prefix, killedCount, "killed-customer"));
    const disarm = fleet.proxy.faults.add({ host: "*.azure-devices.net", ...rule });
    const killed = await desk.onboard(["--import", "always"], {
      killWhen: waitFor(`the run to be killed ${moment}`, () => isReached(prefix), { withinMs: 120_000 }),
    });
    disarm();
    expect(killed.code).toBe(-1);
    expect(await importContainers()).toHaveLength(1);
    // The files account has soft delete, so it must never hold device keys.
    expect((await listContainers(operator.files)).filter((one) => one.startsWith("device-import-"))).toEqual(
      [],
    );
    // The lease of the killed run expires.
    fleet.clock.move(leaseSeconds * 1000);
    const result = await desk.onboard(["--json", "--import", "never"]);
    expect(result.code, result.stdout).toBe(0);
    await expectAllOnboarded(operator, numbered(prefix, killedCount, desk));
    expect(await importContainers()).toEqual([]);
  },
);

test("a run waits for the lease of a run that was killed just now, and takes its import over", async () => {
  const batch = { customer: "leased-customer", terminals: 1 };
  const hub = fleet.outputs.hubHostName;
  const killed = await DeviceFile.create(operator.imports, { hub, customer: batch.customer });
  const notes: string[] = [];
  const imports = await ImportScheduler.open(
    batch,
    // Only the fleet is used before the first chunk.
    { fleet: operator } as OnboardingContext,
    {
      mode: "never",
      notify: (text) => {
        notes.push(text);
        fleet.clock.move(leaseSeconds * 1000);
      },
    },
  );
  expect(notes).toEqual([
    "Another import for this customer is in progress or was killed: waiting up to 15 seconds.",
  ]);
  await imports.close(true);
  await killed.release();
  expect(await importContainers()).toEqual([]);
});

test("an import that is interrupted while it reads the created devices ends as interrupted", async () => {
  const customer = "interrupted-customer";
  const host = fleet.outputs.hubHostName;
  const interruption = new AbortController();
  const release = Promise.withResolvers<void>();
  // The query index does not list the new devices yet, so they are read one by one.
  fleet.proxy.faults.add({ host, path: "/devices/query*", answer: { status: 200, body: "[]" } });
  const onApplied = () => interruption.abort();
  fleet.proxy.faults.add({ host, path: "/twins/*", until: release.promise, onApplied });
  const file = await DeviceFile.create(operator.imports, { hub: host, customer });
  const terminals = [1, 2].map((number) => ({ id: `interrupted-${number}`, customer, site: "Site 1" }));
  await expect(
    importIdentities(terminals, file, { fleet: operator, signal: interruption.signal }),
  ).rejects.toMatchObject({ outcome: "interrupted" });
  release.resolve();
  await file.delete();
});

test("two operators who import the same batch at once, and one with another, have one credential bundle a terminal", async () => {
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  await using elsewhere = await temporaryFolder();
  const desks = [
    await Desk.at(fleet, here.path, batchOf("both", 110)),
    await Desk.at(fleet, there.path, batchOf("both", 110)),
    await Desk.at(fleet, elsewhere.path, batchOf("other", 110, "other-customer")),
  ];
  const results = await Promise.all(desks.map((desk) => desk.onboard(["--json", "--import", "always"])));
  const onboarded = results.map((result) =>
    Number(jsonLines(result).find(({ type }) => type === "summary")?.onboarded),
  );
  expect((onboarded[0] as number) + (onboarded[1] as number), results[0]?.stdout.slice(-3000)).toBe(110);
  expect(onboarded[2]).toBe(110);
  const holders = new Map(
    desks
      .slice(0, 2)
      .flatMap((desk) => sealedTerminals(desk).map((terminal): [string, Desk] => [terminal, desk])),
  );
  expect(holders.size).toBe(110);
  await expectAllOnboarded(operator, holders);
  await expectAllOnboarded(operator, numbered("other", 110, desks[2] as Desk));
  expect(await importContainers()).toEqual([]);
});

test("a run leaves the import of another live run, and deletes it once its lease is released", async () => {
  const label = { hub: fleet.outputs.hubHostName, customer: "live-customer" };
  const live = await DeviceFile.create(operator.imports, label);
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("beside", 2));
  expect((await desk.onboard()).code).toBe(0);
  expect(await importContainers()).toHaveLength(1);
  await live.release();
  expect((await desk.onboard()).code).toBe(0);
  expect(await importContainers()).toEqual([]);
});

test("without the right to import jobs a run exits 3 and names it, and --import never needs no such right", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("no-jobs", 2));
  const restore = fleet.withdraw(importRole);
  try {
    const result = await desk.onboard(["--import", "always"]);
    expect(result.code, result.stderr).toBe(3);
    expect(result.stderr).toContain("Microsoft.Devices/IotHubs/jobs/*");
    expect((await desk.onboard(["--import", "never"])).code).toBe(0);
  } finally {
    restore();
  }
  expect(await importContainers()).toEqual([]);
});

test('--import "auto" imports a batch that takes more than 20 minutes at the throttle', () => {
  expect(isImported("auto", 2_000, 100)).toBe(false);
  expect(isImported("auto", 2_200, 100)).toBe(true);
  expect(isImported("auto", 2_200, 300)).toBe(false);
  expect(isImported("auto", 100_000, 5_000)).toBe(false);
  expect(isImported("auto", 110_000, 5_000)).toBe(true);
  expect(isImported("always", 1, 5_000)).toBe(true);
  expect(isImported("never", 1_000_000, 100)).toBe(false);
});
