import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { rest, startHub } from "./iot-hub-harness.ts";

const key = () => randomBytes(32).toString("base64");

interface BulkResult {
  isSuccessful: boolean;
  errors: { deviceId: string; errorCode: number; errorStatus: string }[];
}

test("the official SDK adds, updates and removes devices in bulk", async () => {
  await using hub = await startHub();
  const registry = hub.registry(hub.principal("IoT Hub Registry Contributor"));
  const devices = Array.from({ length: 100 }, (_, index) => ({ deviceId: `t-${index}` }));
  const added = await registry.addDevices(devices);
  expect(added.responseBody).toMatchObject({ isSuccessful: true, errors: [] });
  const { responseBody: first } = await registry.get("t-0");
  await registry.updateDevices([{ deviceId: "t-0", status: "disabled", etag: first.etag } as never], false);
  expect((await registry.get("t-0")).responseBody.status).toBe("disabled");
  await registry.removeDevices(devices, true);
  expect((await registry.list()).responseBody).toEqual([]);
});

test("a bulk call creates a device with tags and desired properties", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Registry Contributor", "IoT Hub Data Reader");
  const body = [
    {
      id: "t-1",
      importMode: "create",
      status: "enabled",
      authentication: { symmetricKey: { primaryKey: key(), secondaryKey: key() } },
      tags: { customer: "example", site: "north" },
      properties: { desired: { interval: 60 } },
    },
  ];
  expect((await rest(hub, "POST", "/devices", { as, body })).status).toBe(200);
  const twin = JSON.parse((await rest(hub, "GET", "/twins/t-1", { as })).body) as Record<string, unknown>;
  expect(twin.tags).toEqual({ customer: "example", site: "north" });
  expect(twin.properties).toMatchObject({ desired: { interval: 60, $version: 2 } });
});

test("a bulk call applies its valid entries and lists the failures of the others", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Registry Contributor", "IoT Hub Data Reader");
  await hub.registry(as).create({ deviceId: "there" });
  const body = [
    { id: "there", importMode: "create" },
    { id: "new", importMode: "create" },
    { id: "bad tag", importMode: "create" },
    { id: "big-tag", importMode: "create", tags: { a: "x".repeat(4097) } },
    { id: "there", importMode: "updateIfMatchETag", eTag: "stale" },
    { id: "unknown", importMode: "update" },
    { id: "strange", importMode: "conjure" },
  ];
  const twice = await rest(hub, "POST", "/devices", { as, body });
  expect(twice.headers["iothub-errorcode"]).toBe("DeviceDefinedMultipleTimes");
  expect((await rest(hub, "GET", "/devices/new", { as })).status).toBe(404);

  const answer = await rest(hub, "POST", "/devices", { as, body: body.filter((_, index) => index !== 4) });
  expect(answer.status).toBe(400);
  const result = JSON.parse(answer.body) as BulkResult;
  expect(result.isSuccessful).toBe(false);
  expect(result.errors.map(({ deviceId, errorCode }) => [deviceId, errorCode])).toEqual([
    ["there", 409001],
    ["bad tag", 400004],
    ["big-tag", 400004],
    ["unknown", 404001],
    ["strange", 400004],
  ]);
  expect((await rest(hub, "GET", "/devices/new", { as })).status).toBe(200);
  expect((await rest(hub, "GET", "/devices/big-tag", { as })).status).toBe(404);
});

test.each([
  ["0", []],
  ["101", Array.from({ length: 101 }, (_, index) => ({ id: `t-${index}` }))],
])("a bulk call of %s devices is refused with ArgumentInvalid", async (_, body) => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Registry Contributor");
  const answer = await rest(hub, "POST", "/devices", { as, body });
  expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([400, "ArgumentInvalid"]);
});

test("a bulk call without the right to write and delete devices is a 401", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Data Reader");
  const answer = await rest(hub, "POST", "/devices", { as, body: [{ id: "t-1", importMode: "create" }] });
  expect(answer.status).toBe(401);
});

test("an invalid update in a bulk call changes neither the identity nor the twin", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Data Contributor");
  await rest(hub, "POST", "/devices", { as, body: [{ id: "t-1", tags: { site: "north" } }] });
  const bad = { id: "t-1", importMode: "update", status: "asleep", tags: { site: "south" } };
  expect((await rest(hub, "POST", "/devices", { as, body: [bad] })).status).toBe(400);
  const tags = async () => JSON.parse((await rest(hub, "GET", "/twins/t-1", { as })).body).tags as unknown;
  expect(await tags()).toEqual({ site: "north" });
  const good = { ...bad, status: "disabled" };
  expect((await rest(hub, "POST", "/devices", { as, body: [good] })).status).toBe(200);
  expect(await tags()).toEqual({ site: "south" });
  const twinOnly = { id: "t-1", importMode: "updateTwin", tags: { site: null } };
  expect((await rest(hub, "POST", "/devices", { as, body: [twinOnly] })).status).toBe(200);
  expect(await tags()).toBeUndefined();
});
