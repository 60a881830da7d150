import { randomBytes } from "node:crypto";
import iothub from "azure-iothub";
import { expect, test } from "vitest";
import { policyKeys } from "../../../../sandbox/services/iot-hub/policy-keys.ts";
import { refusal, rest, startHub } from "./iot-hub-harness.ts";

const key = (bytes = 32) => randomBytes(bytes).toString("base64");
const sas = (primaryKey = key(), secondaryKey = key()) => ({
  type: "sas" as const,
  symmetricKey: { primaryKey, secondaryKey },
});

test("the official SDK creates, reads, updates, lists and deletes identities", async () => {
  await using hub = await startHub();
  const registry = hub.registry(hub.principal("IoT Hub Registry Contributor", "IoT Hub Data Reader"));
  const authentication = sas();
  const created = await registry.create({ deviceId: "t-1", authentication });
  expect(created.responseBody).toMatchObject({
    deviceId: "t-1",
    status: "enabled",
    connectionState: "Disconnected",
    authentication: { type: "sas", symmetricKey: authentication.symmetricKey },
  });
  const { responseBody: read } = await registry.get("t-1");
  expect(read.etag).toBe(created.responseBody.etag);

  const updated = await registry.update({
    deviceId: "t-1",
    status: "disabled",
    statusReason: "stolen",
    authentication,
  });
  expect(updated.responseBody).toMatchObject({ status: "disabled", statusReason: "stolen" });
  expect(updated.responseBody.etag).not.toBe(read.etag);
  expect(updated.responseBody.generationId).toBe(read.generationId);
  expect(updated.responseBody.statusUpdatedTime).not.toBe(read.statusUpdatedTime);

  await registry.create({ deviceId: "t-2" });
  const { responseBody: list } = await registry.list();
  expect(list.map((device) => device.deviceId)).toEqual(["t-1", "t-2"]);
  const { responseBody: statistics } = await registry.getRegistryStatistics();
  expect(statistics).toEqual({ totalDeviceCount: 2, enabledDeviceCount: 1, disabledDeviceCount: 1 });

  await registry.delete("t-1");
  expect(await refusal(registry.get("t-1"))).toMatchObject({ name: "DeviceNotFoundError" });
});

test("an existing device, a missing device and a stale ETag are the error classes of the official SDK", async () => {
  await using hub = await startHub();
  const registry = hub.registry(hub.principal("IoT Hub Registry Contributor"));
  await registry.create({ deviceId: "t-1" });
  expect(await refusal(registry.create({ deviceId: "t-1" }))).toMatchObject({
    name: "DeviceAlreadyExistsError",
    message: "A device with ID 't-1' is already registered.",
  });
  expect(await refusal(registry.update({ deviceId: "unknown" }))).toMatchObject({
    name: "DeviceNotFoundError",
  });
  expect(await refusal(registry.delete("unknown"))).toMatchObject({ name: "DeviceNotFoundError" });

  const operator = hub.principal("IoT Hub Registry Contributor");
  const { body } = await rest(hub, "GET", "/devices/t-1", { as: operator });
  const device = JSON.parse(body) as { etag: string };
  const put = (etag: string) =>
    rest(hub, "PUT", "/devices/t-1", {
      as: operator,
      headers: { "if-match": etag },
      body: { deviceId: "t-1" },
    });
  expect((await put('"stale"')).status).toBe(412);
  expect((await put(`"${device.etag}"`)).status).toBe(200);
  const unquoted = JSON.parse((await rest(hub, "GET", "/devices/t-1", { as: operator })).body) as {
    etag: string;
  };
  expect((await put(unquoted.etag)).status).toBe(200);
  const bare = await rest(hub, "DELETE", "/devices/t-1", { as: operator });
  expect(bare.status).toBe(412);
  expect(bare.headers["iothub-errorcode"]).toBe("PreconditionFailed");
});

test("an update without authentication replaces the device keys", async () => {
  await using hub = await startHub();
  const operator = hub.principal("IoT Hub Registry Contributor");
  const body = { deviceId: "t-1", authentication: sas() };
  await rest(hub, "PUT", "/devices/t-1", { as: operator, body });
  const update = await rest(hub, "PUT", "/devices/t-1", {
    as: operator,
    headers: { "if-match": "*" },
    body: { deviceId: "t-1" },
  });
  const updated = JSON.parse(update.body) as typeof body;
  expect(updated.authentication.symmetricKey.primaryKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(updated.authentication.symmetricKey).not.toEqual(body.authentication.symmetricKey);
});

test.each([
  ["one key alone", { symmetricKey: { primaryKey: key() } }, "ArgumentInvalid"],
  [
    "a key that is no base64",
    { symmetricKey: { primaryKey: "no!", secondaryKey: key() } },
    "ArgumentInvalid",
  ],
  ["a key of 15 bytes", { symmetricKey: { primaryKey: key(15), secondaryKey: key() } }, "ArgumentInvalid"],
  ["a key of 65 bytes", { symmetricKey: { primaryKey: key(), secondaryKey: key(65) } }, "ArgumentInvalid"],
  ["a certificate", { type: "selfSigned" }, "NotKnownToTheSandbox"],
])("a device with %s is refused", async (_, authentication, code) => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Registry Contributor");
  const answer = await rest(hub, "PUT", "/devices/t-1", { as, body: { deviceId: "t-1", authentication } });
  expect(answer.headers["iothub-errorcode"]).toBe(code);
  expect(answer.status).toBe(code === "ArgumentInvalid" ? 400 : 501);
  expect((await rest(hub, "GET", "/devices/t-1", { as })).status).toBe(404);
});

test("an error has the service's body and iothub-errorcode", async () => {
  await using hub = await startHub();
  const answer = await rest(hub, "GET", "/devices/unknown", { as: hub.principal("IoT Hub Data Reader") });
  expect(answer.status).toBe(404);
  expect(answer.headers["iothub-errorcode"]).toBe("DeviceNotFound");
  const body = JSON.parse(answer.body) as { Message: string; ExceptionMessage: string };
  expect(body.Message).toBe("ErrorCode:DeviceNotFound;Device unknown not registered");
  expect(body.ExceptionMessage).toMatch(/^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:/);
});

test("a caller needs a role with data actions at the hub", async () => {
  await using hub = await startHub();
  const reader = hub.principal("IoT Hub Data Reader");
  expect(await refusal(hub.registry(reader).create({ deviceId: "t-1" }))).toMatchObject({
    name: "UnauthorizedError",
    message: `Principal ${reader.objectId} is not authorized for PUT on /devices/t-1 due to no assigned permissions`,
  });
  const owner = hub.principal("Owner");
  expect(await refusal(hub.registry(owner).list())).toMatchObject({ name: "UnauthorizedError" });
  const registrar = hub.principal("IoT Hub Registry Contributor");
  await hub.registry(registrar).create({ deviceId: "t-1" });
  expect(await refusal(hub.registry(registrar).getTwin("t-1"))).toMatchObject({ name: "UnauthorizedError" });
  expect((await hub.registry(reader).getTwin("t-1")).responseBody.deviceId).toBe("t-1");
});

test("a missing, foreign or expired token, an unknown call and an unknown version are refused", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Data Contributor");
  const none = await rest(hub, "GET", "/devices/t-1");
  expect([none.status, none.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorized"]);
  const principal = hub.azure.directory.get(as.objectId)!;
  const foreign = await hub.azure.tokens.issue(principal, "https://storage.azure.com");
  const headers = { authorization: `Bearer ${foreign.token}` };
  expect((await rest(hub, "GET", "/devices/t-1", { headers })).status).toBe(401);
  const { token } = await as.getToken();
  hub.clock.move(3_601_000);
  const late = await rest(hub, "GET", "/devices/t-1", { headers: { authorization: `Bearer ${token}` } });
  expect(late.status).toBe(401);

  const unknown = await rest(hub, "PUT", "/configurations/a", { as, body: {} });
  expect(unknown.status).toBe(501);
  expect(unknown.body).toContain("The sandbox does not know the IoT Hub call PUT /configurations/a.");
  const version = await rest(hub, "GET", "/devices/t-1?api-version=1999-01-01", { as });
  expect([version.status, version.headers["iothub-errorcode"]]).toEqual([400, "InvalidProtocolVersion"]);
});

test("a shared access policy can sign in unless disableLocalAuth is set", async () => {
  const policy = { keyName: "registryReadWrite", rights: "RegistryRead, RegistryWrite" };
  for (const disableLocalAuth of [false, true]) {
    await using hub = await startHub({ properties: { disableLocalAuth, authorizationPolicies: [policy] } });
    const expiry = Math.floor(Date.now() / 1000) + 60;
    const { primaryKey } = policyKeys(hub.azure.store, hub.resourceId, policy.keyName);
    const token = iothub.SharedAccessSignature.create(hub.host, policy.keyName, primaryKey, expiry);
    const registry = iothub.Registry.fromSharedAccessSignature(token.toString());
    const inside = registry as unknown as { _restApiClient: { setOptions(options: unknown): void } };
    inside._restApiClient.setOptions({ http: { agent: hub.agent() } });
    const creation = registry.create({ deviceId: "t-1" });
    if (disableLocalAuth) expect(await refusal(creation)).toMatchObject({ name: "UnauthorizedError" });
    else expect((await creation).responseBody.deviceId).toBe("t-1");
  }
});

test("a shared access policy can do only what its rights include", async () => {
  const policy = { keyName: "registryRead", rights: "RegistryRead" };
  await using hub = await startHub({
    properties: { disableLocalAuth: false, authorizationPolicies: [policy] },
  });
  const expiry = Math.floor(Date.now() / 1000) + 60;
  const { primaryKey } = policyKeys(hub.azure.store, hub.resourceId, policy.keyName);
  const token = iothub.SharedAccessSignature.create(hub.host, policy.keyName, primaryKey, expiry);
  const headers = { authorization: token.toString() };
  expect((await rest(hub, "GET", "/devices", { headers })).status).toBe(200);
  const creation = await rest(hub, "PUT", "/devices/t-1", { headers, body: { deviceId: "t-1" } });
  expect([creation.status, creation.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorizedAccess"]);
  const twin = await rest(hub, "GET", "/twins/t-1", { headers });
  expect([twin.status, twin.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorizedAccess"]);
});

test("devices survive a restart and are deleted with their hub", async () => {
  await using hub = await startHub();
  await hub.registry(hub.principal("IoT Hub Registry Contributor")).create({ deviceId: "t-1" });
  const { createIotHub } = await import("../../../../sandbox/services/iot-hub/iot-hub.ts");
  const again = createIotHub(hub.azure, { throttling: false });
  expect(hub.azure.store.db.prepare("SELECT count(*) AS n FROM iothub_devices").get()?.n).toBe(1);
  hub.azure.resources.delete(hub.resourceId);
  expect(again.endpoint.serves(hub.host)).toBe(false);
  expect(hub.azure.store.db.prepare("SELECT count(*) AS n FROM iothub_devices").get()?.n).toBe(0);
  await again.close();
});
