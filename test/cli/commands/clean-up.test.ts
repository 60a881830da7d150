import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cleanUpImports } from "../../../cli/onboarding/clean-up-imports.ts";
import { DeviceFile, leaseSeconds } from "../../../cli/onboarding/device-file.ts";
import { listImports, type StoredImport } from "../../../cli/onboarding/stored-imports.ts";
import { formatTime } from "../../../cli/terminal-ui/format.ts";
import { waitFor } from "../../support/wait-for.ts";
import {
  batchOf,
  type Desk,
  type DeskFleet,
  expectAllOnboarded,
  fleetWithDesk,
} from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const customer = "killed-customer";

let setup: DeskFleet;
let fleet: DeskFleet["fleet"];
let operator: DeskFleet["operator"];
let folder: DeskFleet["folder"];
let desk: DeskFleet["desk"];

beforeAll(async () => {
  setup = await fleetWithDesk(batchOf("killed", 40, customer));
  ({ fleet, operator, folder, desk } = setup);
});
afterEach(() => fleet.proxy.faults.clear());
afterAll(() => setup?.close());

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);
const hub = () => fleet.outputs.hubHostName;

/** The devices.txt of an import, or undefined when it cannot be read. */
async function readKeys(importId: string): Promise<string | undefined> {
  const container = await DeviceFile.containerOf(operator.imports, importId);
  const read = container.getBlobClient("devices.txt").downloadToBuffer();
  return read.then(String, () => undefined);
}

/** Onboards the batch with an import job, and kills the run while the job is in progress. */
async function killImport(): Promise<StoredImport> {
  const disarm = fleet.proxy.faults.add({
    host: "*.azure-devices.net",
    path: "/jobs/*",
    method: "GET",
    delayMs: 3_600_000,
  });
  const isCreated = async () => (await operator.registry.get("killed-39")) !== undefined;
  await desk.onboard(["--import", "always"], {
    killWhen: waitFor("the import job to create its devices", isCreated),
  });
  disarm();
  const [left, ...others] = await listImports(operator.imports);
  expect(others).toEqual([]);
  return left as StoredImport;
}

test("a killed import is reported by status, its device keys are gone after clean-up, and its batch continues", async () => {
  const left = await killImport();
  expect(await readKeys(left.importId)).toContain("symmetricKey");
  // The lease of the killed run expires.
  fleet.clock.move(leaseSeconds * 1000);

  const status = await run("status");
  expect(status.stdout).toMatch(
    /device keys +1 interrupted import left device keys in plaintext: onboard the batch again, or run `npx terminals clean-up`/,
  );
  expect(status.stdout).toContain(`customer ${customer}, since ${formatTime(left.since)}`);
  const json = jsonLines(await run("status", "--json"));
  expect(json).toContainEqual({
    type: "import",
    importId: left.importId,
    hub: hub(),
    customer,
    since: left.since,
    inUse: false,
  });
  expect(json.at(-1)).toMatchObject({ type: "summary", imports: 1 });
  expect(jsonLines(await run("status", "--json", "--customer", "other")).at(-1)).toMatchObject({
    code: "NoSuchCustomer",
  });
  const page = folder.file("page.html");
  await run("status", "--html", page);
  expect(readFileSync(page, "utf8")).toContain("Device keys in the imports account <small>1</small>");

  const asked = await run("clean-up");
  expect(asked.code).toBe(2);
  expect(await readKeys(left.importId)).toContain("symmetricKey");

  const result = await run("clean-up", "--yes", "--reason", "the computer was stolen", "--json");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toEqual([
    { type: "deleted", importId: left.importId, customer, since: left.since },
    { type: "summary", deleted: 1, inUse: 0 },
  ]);
  expect(await listImports(operator.imports)).toEqual([]);
  expect(await readKeys(left.importId)).toBeUndefined();
  expect(jsonLines(await run("status", "--json")).at(-1)).toMatchObject({ imports: 0 });
  const shown = await run("audit", "show", "--json");
  expect(jsonLines(shown)).toContainEqual(
    expect.objectContaining({
      about: expect.objectContaining({ command: "clean-up", customer, reason: "the computer was stolen" }),
      result: expect.objectContaining({ outcome: "done", details: { deleted: 1, inUse: 0 } }),
    }),
  );

  const resumed = await desk.onboard(["--json", "--import", "never"]);
  expect(resumed.code, resumed.stdout).toBe(0);
  const terminals = Array.from({ length: 40 }, (_, number): [string, Desk] => [`killed-${number}`, desk]);
  await expectAllOnboarded(operator, terminals);
});

test("clean-up deletes nothing and writes no audit record when there is no import", async () => {
  const before = (await run("audit", "show", "--json")).stdout;
  const result = await run("clean-up", "--yes");
  expect(result).toMatchObject({ code: 0, stdout: "The imports account has no device keys.\n" });
  expect((await run("audit", "show", "--json")).stdout).toBe(before);
});

test("an import that a run is working on is kept; one without a run is deleted", async () => {
  const working = await DeviceFile.create(operator.imports, { hub: hub(), customer: "working" });
  const killed = await DeviceFile.create(operator.imports, { hub: hub(), customer: "killed" });
  await killed.release();
  const imports = await listImports(operator.imports);
  expect(imports.map((one) => [one.customer, one.inUse]).sort()).toEqual([
    ["killed", false],
    ["working", true],
  ]);
  const deleted: (string | undefined)[] = [];
  let waitedFor = 0;
  const remaining = await cleanUpImports(operator.imports, imports, {
    onDeleted: (one) => deleted.push(one.customer),
    onWait: (held) => {
      waitedFor = held;
    },
    clock: { now: Date.now, sleep: async () => {} },
  });
  expect(deleted).toEqual(["killed"]);
  expect(waitedFor).toBe(1);
  expect(remaining.map((one) => one.customer)).toEqual(["working"]);
  expect((await listImports(operator.imports)).map((one) => one.customer)).toEqual(["working"]);
  await working.delete();
});

test("a container of an import without metadata and of a former IoT Hub is deleted too", async () => {
  const former = await DeviceFile.create(operator.imports, {
    hub: "former.azure-devices.net",
    customer: "former",
  });
  await former.release();
  await (await DeviceFile.containerOf(operator.imports, "bare")).create();
  const result = await run("clean-up", "--yes", "--json");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result).at(-1)).toEqual({ type: "summary", deleted: 2, inUse: 0 });
  expect(await listImports(operator.imports)).toEqual([]);
});

test("status shows the terminals, and then that the imports account cannot be read", async () => {
  const account = new URL(fleet.outputs.importsBlobEndpoint).host;
  fleet.proxy.faults.add({ host: account, answer: { status: 400 } });
  const result = await run("status", "--json");
  expect(result.code, result.stdout).not.toBe(0);
  const lines = jsonLines(result);
  expect(lines.filter(({ type }) => type === "terminal")).toHaveLength(40);
  expect(lines.at(-2)).toMatchObject({ type: "summary", terminals: 40 });
  expect(lines.at(-1)).toMatchObject({
    type: "error",
    message: expect.stringMatching(/^listing the containers of earlier import jobs/),
  });
});

test("status of an operator without rights on the imports account warns, and exits 0", async () => {
  fleet.proxy.faults.add({
    host: "management.azure.com",
    path: `*${fleet.outputs.importsAccountResourceId}/listKeys*`,
    answer: {
      status: 403,
      body: JSON.stringify({
        error: { code: "AuthorizationFailed", message: "The client has no authorization." },
      }),
    },
  });
  const result = await run("status", "--json");
  expect(jsonLines(result)).toContainEqual({
    type: "warning",
    message: expect.stringMatching(
      /^Device keys that interrupted imports may have left could not be looked up: /,
    ),
  });
  expect(result.code, result.stdout).toBe(0);
});
