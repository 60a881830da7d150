import { expect, test } from "vitest";
import { named, registryOf, sas, startDeclaredHub } from "./declared-hub.ts";
import { refusal, rest } from "./iot-hub-harness.ts";

test("a hub has five policies with keys, which only the calls for keys return", async () => {
  await using declared = await startDeclaredHub();
  const { hub, calls } = declared;
  const policies = await declared.policies();
  expect(policies.map(({ keyName, rights }) => [keyName, rights])).toEqual([
    ["iothubowner", "RegistryWrite, ServiceConnect, DeviceConnect"],
    ["service", "ServiceConnect"],
    ["device", "DeviceConnect"],
    ["registryRead", "RegistryRead"],
    ["registryReadWrite", "RegistryWrite"],
  ]);
  const keys = policies.flatMap(({ primaryKey, secondaryKey }) => [primaryKey, secondaryKey]);
  expect(new Set(keys).size).toBe(10);
  for (const key of keys) expect(Buffer.from(key, "base64")).toHaveLength(32);
  const one = await calls.send("POST", `${hub.resourceId}/IotHubKeys/Service/listkeys`);
  expect([one.status, one.body]).toEqual([200, named(policies, "service")]);
  expect((await calls.send("POST", `${hub.resourceId}/IotHubKeys/none/listkeys`)).status).toBe(404);
  const reader = { roles: ["Reader"] };
  for (const path of ["/listkeys", "/IotHubKeys/service/listkeys"]) {
    expect((await calls.send("POST", hub.resourceId + path, undefined, reader)).status).toBe(403);
  }
  const shown = JSON.stringify((await calls.send("GET", hub.resourceId)).body);
  for (const key of keys) expect(shown).not.toContain(key);
});

test("a program signs in with a policy's connection string and can do what the policy's rights include", async () => {
  const own = { keyName: "reader-and-device", rights: "RegistryRead, DeviceConnect" };
  await using declared = await startDeclaredHub({ authorizationPolicies: [own] });
  const { hub } = declared;
  await declared.put({ authorizationPolicies: [own, { keyName: "owner", rights: "RegistryWrite" }] });
  const policies = await declared.policies();
  const owner = registryOf(hub, named(policies, "owner"));
  expect((await owner.create({ deviceId: "t-1" })).responseBody.deviceId).toBe("t-1");
  expect((await owner.get("t-1")).responseBody.deviceId).toBe("t-1");
  const reader = registryOf(hub, named(policies, own.keyName));
  expect((await reader.get("t-1")).responseBody.deviceId).toBe("t-1");
  expect(await refusal(reader.create({ deviceId: "t-2" }))).toMatchObject({ name: "UnauthorizedError" });
  expect(await refusal(reader.getTwin("t-1"))).toMatchObject({ name: "UnauthorizedError" });
});

test("a policy's token is valid for a prefix of the path, until its expiry, and with its key only", async () => {
  await using declared = await startDeclaredHub();
  const { hub } = declared;
  const owner = named(await declared.policies(), "iothubowner");
  const get = async (authorization: string) =>
    (await rest(hub, "GET", "/devices/t-1", { headers: { authorization } })).status;
  await registryOf(hub, owner).create({ deviceId: "t-1" });
  for (const path of ["", "/devices", "/devices/t-1"])
    expect(await get(sas(hub.host + path, owner))).toBe(200);
  const other = named(await declared.policies(), "service");
  for (const token of [
    sas(`${hub.host}/twins`, owner),
    sas(`${hub.host}/devices/t`, owner),
    sas("other.azure-devices.net", owner),
    sas(hub.host, owner, hub.clock.now() / 1000 - 1),
    sas(hub.host, { ...other, keyName: owner.keyName }),
  ]) {
    expect(await get(token)).toBe(401);
  }
});

test("a policy with DeviceConnect signs tokens for every device, as a token service does", async () => {
  await using declared = await startDeclaredHub({ disableDeviceSAS: true });
  const { hub } = declared;
  const policies = await declared.policies();
  for (const deviceId of ["t-1", "t-2"])
    await registryOf(hub, named(policies, "iothubowner")).create({ deviceId });
  const send = async (id: string, authorization: string) =>
    (await rest(hub, "POST", `/devices/${id}/messages/events`, { headers: { authorization }, text: "a" }))
      .status;
  const device = named(policies, "device");
  expect(await send("t-1", sas(`${hub.host}/devices/t-1`, device))).toBe(204);
  expect(await send("t-2", sas(`${hub.host}/devices`, device))).toBe(204);
  expect(await send("t-2", sas(`${hub.host}/devices/t-1`, device))).toBe(401);
  expect(await send("t-1", sas(hub.host, named(policies, "service")))).toBe(401);
});

test("disableLocalAuth refuses every policy, at the service side and for devices", async () => {
  await using declared = await startDeclaredHub();
  const { hub } = declared;
  const owner = named(await declared.policies(), "iothubowner");
  await registryOf(hub, owner).create({ deviceId: "t-1" });
  await declared.put({ disableLocalAuth: true });
  const headers = { authorization: sas(hub.host, owner) };
  const service = await rest(hub, "GET", "/devices/t-1", { headers });
  expect([service.status, service.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorizedAccess"]);
  const device = await rest(hub, "POST", "/devices/t-1/messages/events", { headers, text: "a" });
  expect([device.status, device.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorized"]);
  expect(named(await declared.policies(), "iothubowner")).toEqual(owner);
});

test("a PUT renews the key that it omits beside another one, sets those that it has and keeps all others", async () => {
  await using declared = await startDeclaredHub();
  const before = await declared.policies();
  const owner = named(before, "iothubowner");
  const others = before.slice(1).map(({ keyName, rights }) => ({ keyName, rights }));
  // What `az iot hub policy renew-key --renew-key primary` sends.
  const renewed = { ...owner, primaryKey: undefined };
  expect((await declared.put({ authorizationPolicies: [...others, renewed] })).status).toBe(200);
  const after = await declared.policies();
  const now = named(after, "iothubowner");
  expect(now.secondaryKey).toBe(owner.secondaryKey);
  expect(now.primaryKey).not.toBe(owner.primaryKey);
  expect(Buffer.from(now.primaryKey, "base64")).toHaveLength(32);
  for (const { keyName } of others) expect(named(after, keyName)).toEqual(named(before, keyName));
  expect(await refusal(registryOf(declared.hub, owner).get("t-1"))).toMatchObject({
    name: "UnauthorizedError",
  });
  expect(await refusal(registryOf(declared.hub, now).get("t-1"))).toMatchObject({
    name: "DeviceNotFoundError",
  });
  // `--renew-key swap`
  const swapped = { ...now, primaryKey: now.secondaryKey, secondaryKey: now.primaryKey };
  await declared.put({ authorizationPolicies: [swapped] });
  expect(await declared.policies()).toEqual([swapped]);
  const wrong = await declared.put({ authorizationPolicies: [{ ...now, primaryKey: "short" }] });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "InvalidPolicyKey"]);
});

// REST reference, "Iot Hub Resource - Get Quota Metrics" and "Get Stats".
test("Resource Manager says how many devices and messages a hub has, and how many it may have", async () => {
  await using declared = await startDeclaredHub();
  const { hub, calls } = declared;
  const registry = registryOf(hub, named(await declared.policies(), "iothubowner"));
  await registry.create({ deviceId: "t-1" });
  await registry.create({ deviceId: "t-2", status: "disabled" });
  await registry.getTwin("t-1");
  const metrics = await calls.send("GET", `${hub.resourceId}/quotaMetrics`);
  expect([metrics.status, metrics.body.value]).toEqual([
    200,
    [
      { name: "TotalMessages", currentValue: 1, maxValue: 400_000 },
      { name: "TotalDeviceCount", currentValue: 2, maxValue: 1_000_000 },
    ],
  ]);
  const stats = await calls.send("GET", `${hub.resourceId}/IotHubStats`);
  expect([stats.status, stats.body]).toEqual([
    200,
    { totalDeviceCount: 2, enabledDeviceCount: 1, disabledDeviceCount: 1 },
  ]);
  for (const path of ["/quotaMetrics", "/IotHubStats"]) {
    const none = { roles: [] };
    expect((await calls.send("GET", hub.resourceId + path, undefined, none)).status).toBe(403);
    expect((await calls.send("GET", `${hub.resourceId}x${path}`)).status).toBe(404);
  }
});
