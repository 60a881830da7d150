import { afterAll, beforeAll, expect, test } from "vitest";
import { type HubUnderTest, type Principal, rest, startHub } from "./iot-hub-harness.ts";
import { addDevice } from "./official-device.ts";

/** Requests in the forms in which the SDKs for other languages send them. */
let hub: HubUnderTest;
let as: Principal;

beforeAll(async () => {
  hub = await startHub();
  as = hub.principal("IoT Hub Data Contributor");
  await addDevice(hub, as, "t-1");
});
afterAll(() => hub[Symbol.asyncDispose]());

const read = async <T>(path: string) => JSON.parse((await rest(hub, "GET", path, { as })).body) as T;
const anyEtag = { "if-match": "*" };

/** What azure-iot-sdk-java's RegistryClient sends for a Device (RegistryIdentityParser), with its default values. */
const javaDevice = (deviceId: string, status: string) => ({
  etag: "",
  deviceId,
  generationId: "",
  status,
  statusUpdatedTime: "0001-01-01T00:00:00Z",
  connectionState: "Disconnected",
  connectionStateUpdatedTime: "0001-01-01T00:00:00Z",
  lastActivityTime: "0001-01-01T00:00:00Z",
  cloudToDeviceMessageCount: 0,
  authentication: { symmetricKey: {}, type: "sas" },
  parentScopes: [],
});

test("a device of the SDK for Java, whose status is 'Enabled', is created, disabled and enabled", async () => {
  const created = await rest(hub, "PUT", "/devices/java-1", { as, body: javaDevice("java-1", "Enabled") });
  expect([created.status, JSON.parse(created.body).status]).toEqual([200, "enabled"]);
  for (const [sent, stored] of [
    ["Disabled", "disabled"],
    ["ENABLED", "enabled"],
  ] as const) {
    const body = javaDevice("java-1", sent);
    const updated = await rest(hub, "PUT", "/devices/java-1", { as, headers: anyEtag, body });
    expect([updated.status, JSON.parse(updated.body).status]).toEqual([200, stored]);
  }
});

test("a bulk call has a status in any case too, and an unknown status is refused", async () => {
  const body = [{ id: "java-2", importMode: "create", status: "Disabled", moduleId: "", managedBy: null }];
  expect((await rest(hub, "POST", "/devices", { as, body })).status).toBe(200);
  expect(await read("/devices/java-2")).toMatchObject({ status: "disabled" });
  const unknown = javaDevice("java-3", "Paused");
  expect((await rest(hub, "PUT", "/devices/java-3", { as, body: unknown })).status).toBe(400);
});

test("POST with X-HTTP-Method-Override changes a twin, and another method than PATCH, PUT and DELETE is refused by name", async () => {
  const send = (method: string, path: string, body?: unknown, more: Record<string, string> = {}) =>
    rest(hub, "POST", path, { as, body, headers: { "x-http-method-override": method, ...more } });
  expect((await send("PATCH", "/twins/t-1", { tags: { by: "override" } })).status).toBe(200);
  expect(await read("/twins/t-1")).toMatchObject({ tags: { by: "override" } });
  expect((await send("put", "/twins/t-1", { tags: { by: "put" } })).status).toBe(200);
  expect((await send("PUT", "/devices/java-4", javaDevice("java-4", "Enabled"))).status).toBe(200);
  expect((await send("DELETE", "/devices/java-4", undefined, anyEtag)).status).toBe(204);
  const merge = await send("MERGE", "/twins/t-1", {});
  expect([merge.status, merge.body.includes("the method MERGE in X-HTTP-Method-Override")]).toEqual([
    501,
    true,
  ]);
  const get = { as, headers: { "x-http-method-override": "DELETE", ...anyEtag } };
  expect((await rest(hub, "GET", "/devices/t-1", get)).status).toBe(200);
});

/** The members of azure-iot-sdk-java's TwinState, of which a client can send each one back. */
const javaTwin = {
  deviceId: "t-1",
  moduleId: null,
  generationId: "638000000000000000",
  etag: "AAAAAAAAAAE=",
  version: 2,
  status: "Enabled",
  statusReason: null,
  statusUpdatedTime: "0001-01-01T00:00:00Z",
  connectionState: "Disconnected",
  connectionStateUpdatedTime: "0001-01-01T00:00:00Z",
  cloudToDeviceMessageCount: 0,
  lastActivityTime: "0001-01-01T00:00:00Z",
  capabilities: { iotEdge: false },
  modelId: "",
  tags: { java: true, $version: 4 },
  properties: { desired: { a: 1 } },
  configurations: {},
  deviceScope: null,
  parentScopes: [],
};

test("a whole twin of the SDK for Java is accepted, and its tags and desired properties are written", async () => {
  expect((await rest(hub, "PATCH", "/twins/t-1", { as, body: javaTwin })).status).toBe(200);
  expect(await read("/twins/t-1")).toMatchObject({ tags: { java: true }, properties: { desired: { a: 1 } } });
});

test.each([
  ["/twins/t-1", "PATCH", { moduleId: "m-1", tags: { a: 1 } }],
  ["/devices/module-1", "PUT", { deviceId: "module-1", moduleId: "m-1" }],
])("a module in the body of %s is refused by name", async (path, method, body) => {
  const answer = await rest(hub, method, path, { as, body });
  expect([answer.status, answer.body.includes("does not know modules")]).toEqual([501, true]);
});

test.each([
  // azure-iot-sdk-java issue 574, azure-iot-sdk-node pull request 613: without quotes it is not evaluated.
  ["abc", 200],
  ["AAAAAAAAAAE=", 200],
  ['"abc"', 412],
  ['"abc", "def"', 412],
  ["*", 200],
  // The SDK for C#: HttpMessageHelper, ETagForce.
  ['"*"', 200],
])("PATCH of a twin with If-Match: %s is a %i", async (condition, status) => {
  const headers = { "if-match": condition };
  const body = { tags: { condition } };
  expect((await rest(hub, "PATCH", "/twins/t-1", { as, headers, body })).status).toBe(status);
});

test("a list of ETags in If-Match matches one of them, and a weak ETag never matches", async () => {
  const { etag } = await read<{ etag: string }>("/twins/t-1");
  const patch = (condition: string) =>
    rest(hub, "PATCH", "/twins/t-1", { as, headers: { "if-match": condition }, body: { tags: { a: 1 } } });
  expect((await patch(`W/"${etag}"`)).status).toBe(412);
  expect((await patch(`"abc", "${etag}"`)).status).toBe(200);
});

test("the ETags of a bulk call have no quotes, and are evaluated", async () => {
  const update = (twinETag: string) => {
    const body = [{ id: "t-1", importMode: "updateTwinIfMatchETag", twinETag, tags: { bulk: 1 } }];
    return rest(hub, "POST", "/devices", { as, body });
  };
  expect((await update("abc")).status).toBe(400);
  expect((await update((await read<{ etag: string }>("/twins/t-1")).etag)).status).toBe(200);
});

// "Understand and use device twins in IoT Hub": integers from -4503599627370496 to 4503599627370495; azure-iot-sdk-csharp
// issue 2958. What an integer is: Azure/iotedge, TwinManager (JTokenType.Integer).
test.each([
  ["-4503599627370496", 200],
  ["4503599627370495", 200],
  ["-4503599627370497", 400],
  ["4503599627370496", 400],
  // Doubles cannot tell the next ones from an integer.
  ["-4503599627370496.5", 200],
  ["4503599627370496.0", 200],
  ["5e15", 200],
  ["1e300", 200],
  ["5283920058631410000", 400],
  ["99999999999999999999999999", 400],
])("the number %s in a twin is a %i, and is returned as it was sent", async (number, status) => {
  const text = `{"tags":{"number":${number}},"properties":{"desired":{"list":[${number}]}}}`;
  const answer = await rest(hub, "PATCH", "/twins/t-1", { as, text });
  expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([
    status,
    status === 400 ? "ArgumentInvalid" : undefined,
  ]);
  if (status === 400) return;
  expect(answer.body).toContain(`"number":${number}`);
  const { body } = await rest(hub, "GET", "/twins/t-1", { as });
  expect(body).toContain(`"list":[${number}]`);
  expect((await rest(hub, "PATCH", "/twins/t-1", { as, text: body })).status).toBe(200);
});

test("a token without a scheme is refused, and the case of the scheme does not matter (RFC 9110, 11.1)", async () => {
  const { token } = await as.getToken();
  const status = async (authorization: string) =>
    (await rest(hub, "GET", "/devices/t-1", { headers: { authorization } })).status;
  for (const scheme of ["Bearer", "bearer", "BEARER"]) expect(await status(`${scheme} ${token}`)).toBe(200);
  for (const value of [token, `Bearer${token}`, `Basic ${token}`, "Bearer", `Bearer ${token} more`])
    expect(await status(value)).toBe(401);
});
