import { afterAll, beforeAll, expect, test } from "vitest";
import { createIotHub } from "../../../../sandbox/services/iot-hub/iot-hub.ts";
import { type HubUnderTest, type Principal, refusal, rest, startHub } from "./iot-hub-harness.ts";

let hub: HubUnderTest;
let as: Principal;

beforeAll(async () => {
  hub = await startHub();
  as = hub.principal("IoT Hub Data Contributor");
  const body = [
    { id: "a-1", tags: { customer: "a", site: "north", floor: 1 }, properties: { desired: { on: true } } },
    { id: "a-2", tags: { customer: "a", site: "south", floor: 2 }, properties: { desired: { on: false } } },
    { id: "a-3", tags: { customer: "a", site: "south" }, status: "disabled" },
    { id: "b-1", tags: { customer: "b", site: "o\"d'd", "with-dash": "x", floor: "2" } },
    { id: "c-1" },
  ];
  expect((await rest(hub, "POST", "/devices", { as, body })).status).toBe(200);
});
afterAll(() => hub[Symbol.asyncDispose]());

const run = async (query: string): Promise<Record<string, unknown>[]> => {
  return (await hub.registry(as).createQuery(query, 100).next()).result as never;
};
const ids = async (where: string): Promise<unknown[]> =>
  (await run(`SELECT deviceId FROM devices WHERE ${where}`)).map((item) => item.deviceId);

test.each([
  ["deviceId = 'a-1'", ["a-1"]],
  ["devices.deviceId = 'a-1'", ["a-1"]],
  ["tags.customer = 'a' AND tags.site = 'south'", ["a-2", "a-3"]],
  ["tags.customer = 'b' OR tags.floor >= 2", ["a-2", "b-1"]],
  ["NOT (tags.customer = 'a')", ["b-1"]],
  ["tags.customer != 'a'", ["b-1"]],
  ["tags.customer <> 'a'", ["b-1"]],
  ["'a' = tags.customer and tags.floor < 2", ["a-1"]],
  ["tags.floor = 2", ["a-2"]],
  ["tags.floor = '2'", ["b-1"]],
  ["tags.site IN ['north', 'south']", ["a-1", "a-2", "a-3"]],
  ["tags.site NIN ['north', 'south']", ["b-1"]],
  ["NOT tags.site IN ['north']", ["a-2", "a-3", "b-1"]],
  ["tags.site = 'o\"d\\'d'", ["b-1"]],
  ["tags['with-dash'] = 'x'", ["b-1"]],
  ["is_defined(tags.floor)", ["a-1", "a-2", "b-1"]],
  ["NOT is_defined(tags.customer)", ["c-1"]],
  ["STARTSWITH(deviceId, 'a-')", ["a-1", "a-2", "a-3"]],
  ["status = 'disabled'", ["a-3"]],
  ["connectionState = 'Disconnected' AND status = 'enabled'", ["a-1", "a-2", "b-1", "c-1"]],
  ["properties.desired.on = true", ["a-1"]],
  ["properties.desired.on != true", ["a-2"]],
  ["properties.desired.on = 1", []],
  ["properties.desired.$version > 1", ["a-1", "a-2"]],
  ["lastActivityTime < '2000-01-01T00:00:00Z'", ["a-1", "a-2", "a-3", "b-1", "c-1"]],
  ["tags.customer = 'a' AND (tags.site = 'north' OR tags.floor = 2)", ["a-1", "a-2"]],
])("WHERE %s returns the matching devices", async (where, expected) => {
  expect(await ids(where)).toEqual(expected);
});

test("SELECT * returns twins, and selected properties are plain objects", async () => {
  const { result: twins } = await hub.registry(as).createQuery("SELECT * FROM devices").nextAsTwin();
  expect(twins.map((twin) => twin.deviceId)).toEqual(["a-1", "a-2", "a-3", "b-1", "c-1"]);
  expect(twins[0]!.tags).toEqual({ customer: "a", site: "north", floor: 1 });
  expect(await run("SELECT deviceId AS id, tags.site FROM devices WHERE tags.floor = 1")).toEqual([
    { id: "a-1", site: "north" },
  ]);
  expect(await run("SELECT deviceId, tags.site FROM devices WHERE deviceId = 'c-1'")).toEqual([
    { deviceId: "c-1" },
  ]);
});

test("COUNT() returns the number of all devices, or of each group", async () => {
  expect(await run("SELECT COUNT() AS n FROM devices WHERE tags.customer = 'a'")).toEqual([{ n: 3 }]);
  expect(await run("SELECT count() FROM devices")).toEqual([{ $1: 5 }]);
  const groups = await run(
    "SELECT tags.customer AS customer, COUNT() AS n FROM devices GROUP BY tags.customer",
  );
  expect(groups).toEqual([{ n: 1 }, { customer: "a", n: 3 }, { customer: "b", n: 1 }]);
});

test("a query returns page after page, up to TOP", async () => {
  const query = hub.registry(as).createQuery("SELECT deviceId FROM devices", 2);
  const pages: unknown[] = [];
  while (query.hasMoreResults) pages.push((await query.next(query.continuationToken)).result);
  expect(pages).toEqual([
    [{ deviceId: "a-1" }, { deviceId: "a-2" }],
    [{ deviceId: "a-3" }, { deviceId: "b-1" }],
    [{ deviceId: "c-1" }],
  ]);
  const top = hub.registry(as).createQuery("SELECT TOP 3 deviceId FROM devices", 2);
  expect((await top.next()).result).toHaveLength(2);
  expect((await top.next(top.continuationToken)).result).toEqual([{ deviceId: "a-3" }]);
  expect(top.hasMoreResults).toBe(false);
  const headers = { "x-ms-continuation": "bm9uc2Vuc2U=" };
  const strange = await rest(hub, "POST", "/devices/query", {
    as,
    headers,
    body: { query: "SELECT * FROM devices" },
  });
  expect(strange.status).toBe(400);
});

test.each([
  ["SELEC * FROM devices", "column 1: SELECT expected, found SELEC."],
  [
    "SELECT * FROM devices.modules",
    "column 15: devices, the only source that the sandbox supports, expected, found devices.modules.",
  ],
  ["SELECT * FROM devices WHERE tags.a ~ 'b'", "column 36: a token expected, found ~ 'b'."],
  [
    "SELECT * FROM devices WHERE tags.a =",
    "column 37: a property or a constant expected, but the query ends.",
  ],
  ["SELECT * FROM devices ORDER BY deviceId", "column 23: the end of the query expected, found ORDER."],
  ["SELECT * FROM devices WHERE (tags.a = 1", "column 40: ) expected, but the query ends."],
  [
    "SELECT * FROM devices WHERE colour = 'red'",
    "column 29: a property of a twin that the sandbox supports expected, found colour.",
  ],
])("%s is refused with the column of the error", async (query, message) => {
  expect((await refusal(run(query))).message).toContain(`Query, ${message}`);
});

test("with an index delay, queries return changes after the delay and deletions after 25 minutes", async () => {
  await using delayed = await startHub({ indexDelayMs: 2000 });
  const caller = delayed.principal("IoT Hub Data Contributor");
  const registry = delayed.registry(caller);
  const queried = async () =>
    (await registry.createQuery("SELECT deviceId, status FROM devices").next()).result as never as {
      deviceId: string;
      status: string;
    }[];
  await registry.create({ deviceId: "t-1" });
  expect(await queried()).toEqual([]);
  delayed.clock.move(2000);
  expect(await queried()).toEqual([{ deviceId: "t-1", status: "enabled" }]);
  await registry.update({ deviceId: "t-1", status: "disabled" });
  expect(await queried()).toEqual([{ deviceId: "t-1", status: "enabled" }]);
  delayed.clock.move(2000);
  expect(await queried()).toEqual([{ deviceId: "t-1", status: "disabled" }]);
  await registry.delete("t-1");
  delayed.clock.move(24 * 60_000);
  expect(await queried()).toHaveLength(1);
  delayed.clock.move(60_000);
  expect(await queried()).toEqual([]);
});

test("a sandbox that starts with an index delay indexes the existing devices", async () => {
  await using before = await startHub();
  const registry = before.registry(before.principal("IoT Hub Data Contributor"));
  await registry.create({ deviceId: "t-1" });
  const later = createIotHub(before.azure, { throttling: false, indexDelayMs: 2000 });
  before.endpoints[0] = later.endpoint;
  const queried = async () => (await registry.createQuery("SELECT deviceId FROM devices").next()).result;
  await registry.create({ deviceId: "t-2" });
  expect(await queried()).toEqual([{ deviceId: "t-1" }]);
  before.clock.move(2000);
  expect(await queried()).toEqual([{ deviceId: "t-1" }, { deviceId: "t-2" }]);
  later.close();
});
