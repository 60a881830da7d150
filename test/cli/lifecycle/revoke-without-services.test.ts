import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import { dailyQuota } from "../../../sandbox/services/iot-hub/tiers.ts";
import { waitFor } from "../../support/wait-for.ts";
import { idsOf, makeTerminals } from "../fleet-by-hand.ts";
import { type DeskFleet, fleetWithDesk } from "../onboarding/onboarding-desk.ts";
import { type CliResult, jsonLines } from "../run-cli.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let setup: DeskFleet;
let fleet: DeskFleet["fleet"];
let witness: DeskFleet["operator"];
let desk: DeskFleet["desk"];

beforeAll(async () => {
  setup = await fleetWithDesk("", { tier: "S1", throttling: true });
  ({ fleet, operator: witness, desk } = setup);
});
afterEach(() => fleet.proxy.faults.clear());
afterAll(() => setup?.close());

/** Revokes as an operator whose requests are retried soon. */
function revoke(...args: string[]): Promise<CliResult> {
  const network = { ...fleet.network, retries: { firstMs: 20, longestMs: 500 } };
  const azure = { network, signIn: () => signInWith(fleet.credential(undefined, network)) };
  const command = ["revoke", ...args, "--outputs", desk.outputs, "--reason", "stolen", "--json", "--yes"];
  return desk.runInProcess(command, { azure });
}

const doorsOf = (result: CliResult) =>
  Object.fromEntries(
    jsonLines(result)
      .filter(({ type }) => type === "door")
      .map(({ terminal, door, closed }) => [`${terminal} ${door}`, closed]),
  );

async function prepare(customer: string, count = 1): Promise<string[]> {
  const ids = idsOf(customer, count);
  await makeTerminals(witness, ids, { customer, site: "Hall" });
  for (const id of ids) await witness.files.ensureContainer(id);
  return ids;
}

/** The states of IoT Hub and Flow API, when storage cannot be read. */
async function stateOfOthers(terminal: string, customer: string) {
  const flow = (await witness.flowKeys.get(customer, terminal))?.status === "revoked";
  const hub = (await witness.twins.get(terminal))?.status === "disabled";
  return { hub, flow };
}

async function isClosed(terminal: string, customer: string) {
  const flow = (await witness.flowKeys.get(customer, terminal))?.status === "revoked";
  const files = !(await witness.files.hasPolicy(terminal));
  const hub = (await witness.registry.get(terminal))?.status === "disabled";
  return { hub, files, flow };
}

/** Uses up today's quota of the IoT Hub, as a terminal with a valid key can. @returns A function that restores it. */
function useUpQuota(): () => void {
  const { db } = fleet.azure.store;
  const day = new Date(fleet.clock.now()).toISOString().slice(0, 10);
  const { messages } = dailyQuota("S1", 1);
  const hubs = db.prepare("SELECT DISTINCT hub FROM iothub_quota").all();
  for (const { hub } of hubs) {
    db.prepare(
      "INSERT INTO iothub_quota VALUES (?, ?, ?) ON CONFLICT (hub, day) DO UPDATE SET messages = excluded.messages",
    ).run(hub as string, day, messages);
  }
  return () => db.exec("DELETE FROM iothub_quota");
}

describe("while the IoT Hub's daily quota is used up", () => {
  test("revoke closes all three access paths of a terminal, and exits 0", async () => {
    const [terminal = ""] = await prepare("quota-one");
    await witness.twins.get(terminal);
    const restore = useUpQuota();
    await expect(witness.twins.get(terminal)).rejects.toThrow("IotHubQuotaExceeded");
    const result = await revoke(terminal);
    restore();
    expect(result.code, result.stdout).toBe(0);
    expect(await isClosed(terminal, "quota-one")).toEqual({ hub: true, files: true, flow: true });
  });

  test("revoke --customer closes the terminals of the Flow key rows, and reports that others can be missing", async () => {
    const ids = await prepare("quota-many", 3);
    await witness.twins.get(ids[0] ?? "");
    const restore = useUpQuota();
    const result = await revoke("--customer", "quota-many", "--site", "Hall");
    restore();
    for (const id of ids) {
      expect(await isClosed(id, "quota-many")).toEqual({ hub: true, files: true, flow: true });
    }
    expect(jsonLines(result).find(({ type }) => type === "warning")?.message).toMatch(
      /^the IoT Hub could not be read \(querying the devices: IotHubQuotaExceeded.*\)\. Terminals without a Flow key row are not in the list\./,
    );
    expect(jsonLines(result).find(({ type }) => type === "revoked")).toMatchObject({
      terminals: 3,
      closed: 3,
    });
    expect(result.code).not.toBe(0);
    expect(jsonLines(result).at(-1)?.message).toContain("3 terminals revoked, and others may be missing");
  });
});

test("while the IoT Hub is away, revoke --customer closes files and Flow API of every terminal with a row", async () => {
  const ids = await prepare("away-many", 3);
  fleet.proxy.faults.add({ host: fleet.hosts.hub, drop: "before" });
  const result = await revoke("--customer", "away-many");
  fleet.proxy.faults.clear();
  expect(result.code).toBe(4);
  for (const id of ids) {
    expect(await isClosed(id, "away-many")).toEqual({ hub: false, files: true, flow: true });
    expect(doorsOf(result)).toMatchObject({
      [`${id} hub`]: false,
      [`${id} files`]: true,
      [`${id} flow`]: true,
    });
  }
});

test("while the key table is away, revoke --customer closes IoT Hub and files of every terminal with the tag", async () => {
  const ids = await prepare("table-many", 2);
  fleet.proxy.faults.add({ host: fleet.hosts.flowKeys, drop: "before" });
  const result = await revoke("--customer", "table-many");
  fleet.proxy.faults.clear();
  expect(result.code).toBe(4);
  for (const id of ids) {
    expect(await isClosed(id, "table-many")).toEqual({ hub: true, files: true, flow: false });
    expect(doorsOf(result)).toMatchObject({
      [`${id} hub`]: true,
      [`${id} files`]: true,
      [`${id} flow`]: false,
    });
  }
});

test("while the Resource Manager is away, revoke closes IoT Hub and Flow API, and reports files as open", async () => {
  const [terminal = ""] = await prepare("arm-one");
  fleet.proxy.faults.add({ host: "management.azure.com", drop: "before" });
  const result = await revoke(terminal);
  fleet.proxy.faults.clear();
  expect(result.code).toBe(4);
  expect(await isClosed(terminal, "arm-one")).toEqual({ hub: true, files: false, flow: true });
  expect(doorsOf(result)).toEqual({
    [`${terminal} hub`]: true,
    [`${terminal} files`]: false,
    [`${terminal} flow`]: true,
  });
  expect(jsonLines(result).at(-1)).toMatchObject({ message: `${terminal} still has access through: files` });
});

test("while sign-in is away, revoke changes nothing, and exits 4", async () => {
  const [terminal = ""] = await prepare("entra-one");
  fleet.proxy.faults.add({ host: "login.microsoftonline.com", drop: "before" });
  const result = await revoke(terminal);
  fleet.proxy.faults.clear();
  expect(result.code).toBe(4);
  expect(await isClosed(terminal, "entra-one")).toEqual({ hub: false, files: false, flow: false });
});

test("Ctrl-C while storage does not answer ends revoke with the other access paths closed and reported", async () => {
  const [terminal = ""] = await prepare("slow-one");
  fleet.proxy.faults.add({ host: fleet.hosts.files, delayMs: 120_000 });
  const others = waitFor(
    "the other access paths to be closed",
    async () => {
      const { hub, flow } = await stateOfOthers(terminal, "slow-one");
      return hub && flow;
    },
    { withinMs: 60_000, everyMs: 1_000 },
  );
  const args = ["revoke", terminal, "--outputs", desk.outputs, "--reason", "stolen", "--json", "--yes"];
  const startMs = Date.now();
  const result = await desk.run(args, { interruptWhen: others });
  fleet.proxy.faults.clear();
  // The delayed answers would hold the process for two minutes.
  expect(Date.now() - startMs).toBeLessThan(100_000);
  expect(result.code, result.stdout).toBe(130);
  expect(doorsOf(result)).toEqual({
    [`${terminal} hub`]: true,
    [`${terminal} files`]: false,
    [`${terminal} flow`]: true,
  });
});
