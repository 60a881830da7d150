import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { HubClient } from "../../../cli/azure/iot-hub/hub-client.ts";
import { Pacer, queriesPerMinute } from "../../../cli/azure/iot-hub/pacing.ts";
import { Registry } from "../../../cli/azure/iot-hub/registry.ts";
import type { TerminalStatus } from "../../../cli/fleet-status/drift.ts";
import { readFleetStatus, type StatusOptions } from "../../../cli/fleet-status/fleet-status.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { batchOf, Desk } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let desk: Desk;

const customer = "example-customer";

/** Ten onboarded terminals, s-0 to s-9, at two sites. Some of them are changed, so that they drift. */
beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  folder = await temporaryFolder();
  desk = await Desk.at(fleet, folder.path, batchOf("s", 10));
  expect((await desk.onboard()).code).toBe(0);
  const file = folder.file("list.csv");
  writeFileSync(file, "1001\n");
  const on = ["--outputs", desk.outputs];
  expect((await desk.runInProcess(["send", "s-1", file, ...on])).code).toBe(0);
  expect((await desk.runInProcess(["revoke", "s-2", "--reason", "stolen", "--yes", ...on])).code).toBe(0);
  // Records as an interrupted change or a manual edit in the Azure portal leaves them.
  await operator.registry.delete("s-3");
  await operator.flowKeys.delete(customer, "s-4");
  await operator.flowKeys.revoke(customer, "s-5");
  await operator.files.removePolicy("s-6");
  await (await operator.files.containerClient("s-7")).delete();
  const row = await operator.flowKeys.get(customer, "s-8");
  if (!row) throw new Error("s-8 has no Flow key row");
  await operator.flowKeys.put(customer, "s-8", { ...row, site: "Elsewhere", currentKeySha256: "x" });
  await operator.files.ensureContainer("left-over");
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function status(options: StatusOptions = {}): Promise<Map<string, TerminalStatus>> {
  const statuses = await Array.fromAsync(readFleetStatus(operator, options));
  return new Map(statuses.map((one) => [one.terminal, one]));
}

const driftOf = (statuses: Map<string, TerminalStatus>) =>
  Object.fromEntries([...statuses].flatMap(([id, { drift }]) => (drift.length > 0 ? [[id, drift]] : [])));

describe("readFleetStatus", () => {
  test("yields every terminal once, in order, with its customer, site, files and keys", async () => {
    const statuses = await status();
    expect([...statuses.keys()]).toEqual(["left-over", ...Array.from({ length: 10 }, (_, n) => `s-${n}`)]);
    const keysFrom = (await operator.flowKeys.get(customer, "s-0"))?.keyCreatedAt;
    expect(statuses.get("s-0")).toEqual({
      terminal: "s-0",
      customer,
      site: "Site 0",
      state: "never-seen",
      keysFrom,
      files: { waiting: 0, delivered: 0, failed: 0 },
      drift: [],
    });
    expect(statuses.get("s-1")?.files.waiting).toBe(1);
    expect(statuses.get("s-2")).toMatchObject({ state: "revoked", reason: "stolen", drift: [] });
    expect(JSON.stringify([...statuses])).not.toMatch(/sig=|https:/);
  });

  test("reports drift between IoT Hub, key table and containers, and on request of stored access policies and a journal", async () => {
    const seen = {
      "left-over": ["containerOnly"],
      "s-3": ["noIdentity"],
      "s-4": ["noFlowRow"],
      "s-5": ["hubStillOpen"],
      "s-7": ["noContainer"],
      "s-8": ["otherSite"],
    };
    expect(driftOf(await status())).toEqual(seen);
    expect(driftOf(await status({ policies: true }))).toEqual({ ...seen, "s-6": ["noPolicy"] });
    const journal = fleet.journalOf(desk.batch);
    expect(driftOf(await status({ journal }))).toEqual({
      ...seen,
      "s-4": ["noFlowRow", "notOnboarded"],
      "s-8": ["otherSite", "otherFlowKey"],
    });
  });

  test("yields the same with small runs of the external sort", async () => {
    expect([...(await status({ runSize: 3 }))]).toEqual([...(await status())]);
  });

  test("selects by customer, site and state, and reports a container without records for the whole fleet only", async () => {
    expect([...(await status({ customer })).keys()]).toEqual(Array.from({ length: 10 }, (_, n) => `s-${n}`));
    expect([...(await status({ customer: "another" })).keys()]).toEqual([]);
    expect([...(await status({ site: "Site 1" })).keys()]).toEqual(["s-1", "s-3", "s-5", "s-7", "s-9"]);
    expect([...(await status({ states: new Set(["revoked"]) })).keys()]).toEqual(["s-2"]);
    const drifting = await status({ customer, states: new Set(["drift"]) });
    expect([...drifting.keys()]).toEqual(["s-3", "s-4", "s-5", "s-7", "s-8"]);
  });

  test("of one customer finds a terminal whose device twin names another customer", async () => {
    const twin = await operator.twins.get("s-9");
    await operator.twins.patch("s-9", { tags: { customer: "other" } }, twin?.etag as string);
    const moved = (await status({ customer })).get("s-9");
    expect(moved).toMatchObject({ customer: "other", state: "never-seen", drift: ["otherCustomer"] });
    const again = await operator.twins.get("s-9");
    await operator.twins.patch("s-9", { tags: { customer } }, again?.etag as string);
  });
});

describe("terminals status", () => {
  const run = (...args: string[]) => desk.runInProcess(["status", "--outputs", desk.outputs, ...args]);

  test("writes a table with the drift below each terminal", async () => {
    const { code, stdout } = await run("--customer", customer);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^TERMINAL {2}CUSTOMER +SITE +STATE +SEEN \(ago\) +KEY AGE +FILES$/);
    expect(lines.find((line) => line.startsWith("s-1 "))).toMatch(/never seen +- +\d+ (s|min) +1 waiting$/);
    expect(lines.find((line) => line.startsWith("s-2 "))).toMatch(/revoked .*"stolen"$/);
    const after = lines[lines.findIndex((line) => line.startsWith("s-5 ")) + 1];
    expect(after).toBe("    ! It is revoked at the Flow API but not at the IoT Hub: revoke it again.");
    expect(stdout).toMatch(/terminals +10\n/);
    expect(stdout).toMatch(/need attention +5\n/);
    expect(stdout).not.toContain("\u001b");
  });

  test("writes with --json one object a terminal and a summary", async () => {
    const { code, stdout, stderr } = await run("--json", "--state", "drift", "--batch", desk.batch);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines({ code, stdout, stderr });
    expect(lines.slice(0, -1).map(({ type, terminal }) => [type, terminal])).toEqual(
      ["left-over", "s-3", "s-4", "s-5", "s-7", "s-8"].map((terminal) => ["terminal", terminal]),
    );
    expect(lines.at(-1)).toMatchObject({
      type: "summary",
      terminals: 6,
      drifting: 6,
      drift: { hubStillOpen: 1, otherFlowKey: 1 },
    });
  });

  test("writes with --html a page without secrets that only its owner can read", async () => {
    const path = folder.file("fleet.html");
    const { code, stderr } = await run("--html", path);
    expect([code, stderr]).toEqual([0, expect.stringContaining(path)]);
    const text = readFileSync(path, "utf8");
    expect(text).toContain("s-5");
    expect(text).toContain("Site 1");
    expect(text).not.toMatch(/sig=|https:/);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o077).toBe(0);
  });

  test.each([
    ["an unknown state", ["--state", "happy"]],
    ["an invalid customer ID", ["--customer", "A B"]],
    ["a batch without a journal", ["--batch", import.meta.filename]],
    ["a page in a folder that does not exist", ["--html", "/no-such-folder/fleet.html"]],
  ])("exits 2 for %s", async (_input, args) => {
    expect((await run(...args)).code).toBe(2);
  });

  test("exits 3 and names the missing role", async () => {
    const giveBack = fleet.withdraw("Storage Table Data Contributor");
    const { code, stderr } = await run();
    giveBack();
    expect(code).toBe(3);
    expect(stderr).toContain('Missing: the role "Storage Table Data Contributor"');
  });
});

test("paces queries to the tier: 20 a minute on one unit of S1", async () => {
  await using small = await deployFleet({ tier: "S1", throttling: true });
  // A wait advances the hub's clock instead of taking real time.
  const clock = { now: () => small.clock.now(), sleep: async (ms: number) => small.clock.move(ms) };
  const refused: number[] = [];
  const hub = new HubClient({
    hostName: small.outputs.hubHostName,
    credential: small.credential(),
    network: small.network,
    pacer: new Pacer({ perMinute: 100, clock }),
    queryPacer: new Pacer({ perMinute: queriesPerMinute({ tier: "S1", units: 1 }), clock, random: () => 0 }),
    permission: () => {
      throw new Error("refused");
    },
    clock: { ...clock, sleep: async (ms) => void refused.push(ms) },
  });
  const registry = new Registry(hub);
  const from = small.clock.now();
  for (let n = 0; n < 45; n++) await Array.fromAsync(registry.query("SELECT deviceId FROM devices"));
  const minutes = (small.clock.now() - from) / 60_000;
  // A limit of 20 in any minute lets 45 queries pass in no less than two minutes.
  expect(minutes).toBeGreaterThan(2);
  expect(minutes).toBeLessThan(3);
  expect(refused).toEqual([]);
});
