import { expect, test } from "vitest";
import { type HubUnderTest, type Principal, refusal, rest, startHub } from "./iot-hub-harness.ts";

interface TwinJson {
  etag: string;
  deviceEtag: string;
  version: number;
  tags?: Record<string, unknown>;
  properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
}

async function startWithDevice(): Promise<{ hub: HubUnderTest; as: Principal }> {
  const hub = await startHub();
  const as = hub.principal("IoT Hub Registry Contributor", "IoT Hub Twin Contributor");
  await hub.registry(as).create({ deviceId: "t-1" });
  return { hub, as };
}

test("the official SDK patches a twin: null removes a property, an array replaces the whole array", async () => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  const { responseBody: twin } = await hub.registry(as).getTwin("t-1");
  expect(twin).toMatchObject({ deviceId: "t-1", version: 2, etag: "AAAAAAAAAAE=" });
  expect(twin.properties.desired.$version).toBe(1);

  const patch = {
    tags: { customer: "example", place: { city: "Oslo", floor: 2 } },
    properties: { desired: { list: [1, 2], deep: { a: 1, b: 2 } } },
  };
  const { result: first } = await twin.update(patch);
  expect(first.etag).toBe("AAAAAAAAAAI=");
  expect(first.properties.desired.$metadata.deep.a).toMatchObject({ $lastUpdatedVersion: 2 });
  const { result: second } = await first.update({
    tags: { place: { floor: null } },
    properties: { desired: { list: [3], deep: { a: null, b: null } } },
  });
  expect(second.tags).toEqual({ customer: "example", place: { city: "Oslo" } });
  expect(second.properties.desired).toMatchObject({ list: [3], deep: {}, $version: 3 });
  expect(Object.keys(second.properties.desired.$metadata.deep)).not.toContain("a");
  // The twin also has the identity's ETag, which does not change with the twin.
  const identity = (await hub.registry(as).get("t-1")).responseBody;
  expect((second as unknown as TwinJson).deviceEtag).toBe(identity.etag);

  expect((await refusal(hub.registry(as).updateTwin("t-1", { tags: { a: 1 } }, "AAAAAAAAAAE="))).name).toBe(
    "InvalidEtagError",
  );
});

test("read-only properties in an update of a twin are ignored", async () => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  await rest(hub, "PATCH", "/twins/t-1", { as, body: { tags: { a: 1 }, properties: { desired: { b: 1 } } } });
  const twin = JSON.parse((await rest(hub, "GET", "/twins/t-1", { as })).body) as TwinJson;
  const changed = { ...twin, version: 99, tags: { ...twin.tags, a: 2 } };
  const answer = await rest(hub, "PATCH", "/twins/t-1", { as, body: changed });
  expect(answer.status).toBe(200);
  const after = JSON.parse(answer.body) as TwinJson;
  expect(after.tags).toEqual({ a: 2 });
  expect(after.version).toBe(twin.version + 1);
  expect(after.properties.desired.b).toBe(1);
});

test("PUT replaces tags and desired properties and keeps reported properties", async () => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  await rest(hub, "PATCH", "/twins/t-1", { as, body: { tags: { a: 1 }, properties: { desired: { b: 1 } } } });
  const answer = await rest(hub, "PUT", "/twins/t-1", { as, body: { properties: { desired: { c: 1 } } } });
  const twin = JSON.parse(answer.body) as TwinJson;
  expect(twin.tags).toBeUndefined();
  expect(twin.properties.desired).toMatchObject({ c: 1, $version: 3 });
  expect(twin.properties.desired.b).toBeUndefined();
  expect(Object.keys(twin.properties.desired.$metadata as object)).not.toContain("b");
});

const nested = (depth: number): unknown => (depth === 0 ? 1 : { n: nested(depth - 1) });
const nestedArrays = (depth: number): unknown => (depth === 0 ? 1 : [nestedArrays(depth - 1)]);
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "x".repeat(1000)]));

test.each([
  ["a key with a dot", { tags: { "a.b": 1 } }],
  ["a key with a space", { tags: { "a b": 1 } }],
  ["a key with a dollar sign below the root", { properties: { desired: { a: { $b: 1 } } } }],
  ["a text over 4 KB", { properties: { desired: { a: "x".repeat(4097) } } }],
  ["an array over 4 KB", { properties: { desired: { a: ["x".repeat(2100), "x".repeat(2100)] } } }],
  ["null inside an array", { tags: { a: [null] } }],
  ["an integer over 2^52-1", { tags: { a: 2 ** 52 } }],
  ["eleven levels", { tags: { n: nested(11) } }],
  ["eleven levels of arrays", { properties: { desired: { n: nestedArrays(11) } } }],
  ["eleven levels of both", { tags: { n: [nested(10)] } }],
  ["tags over 8 KB", { tags: many(9) }],
  ["desired properties over 32 KB", { properties: { desired: many(33) } }],
  ["tags that are no object", { tags: ["a"] }],
])("an update with %s is refused and changes nothing", async (_, body) => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  const answer = await rest(hub, "PATCH", "/twins/t-1", { as, body });
  expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([400, "ArgumentInvalid"]);
  const twin = JSON.parse((await rest(hub, "GET", "/twins/t-1", { as })).body) as TwinJson;
  expect(twin.version).toBe(2);
});

test("a number that is too large for a double is refused, and not stored as null", async () => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  for (const number of ["1e999", "-1e999"]) {
    const answer = await rest(hub, "PATCH", "/twins/t-1", { as, text: `{"tags":{"a":${number}}}` });
    expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([400, "ArgumentInvalid"]);
  }
});

test("values exactly at the limits are accepted", async () => {
  const { hub: started, as } = await startWithDevice();
  await using hub = started;
  for (const body of [
    { tags: { a: "x".repeat(4096) } },
    { tags: { a: null, n: nested(10) } },
    { tags: { n: nestedArrays(10) } },
    { tags: { n: null, ...many(8) } },
    { properties: { desired: many(32) } },
    { properties: { desired: { k1: 2 ** 52 - 1 } } },
  ]) {
    expect((await rest(hub, "PATCH", "/twins/t-1", { as, body })).status).toBe(200);
  }
});

test("calls to device twins are refused in a basic tier", async () => {
  await using hub = await startHub({ sku: "B1" });
  const as = hub.principal("IoT Hub Data Contributor");
  await hub.registry(as).create({ deviceId: "t-1" });
  const answer = await rest(hub, "GET", "/twins/t-1", { as });
  expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([
    403,
    "OperationNotAvailableInCurrentTier",
  ]);
});
