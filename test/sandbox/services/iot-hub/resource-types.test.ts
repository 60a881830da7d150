import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../sandbox/pulumi-providers/provider.ts";
import { everywhere, hub, startTypes, type Types } from "../../resource-manager/arm-harness.ts";

let engine: Types;
let count = 0;

const create: Types["create"] = (token, inputs) => engine.create(token, inputs);

beforeAll(async () => {
  engine = await startTypes();
  await create(hub, { resourceName: "taken-name", sku: { name: "S1" } });
});
afterAll(() => engine.close());

const rules = { applyToBuiltInEventHubEndpoint: false, ipRules: [{ filterName: "a", ipMask: "10.0.0.0/8" }] };
const route = (changes: Properties) => ({
  ...{ name: "r", source: "DeviceMessages", endpointNames: ["events"], isEnabled: true },
  ...changes,
});
const routed = (...routes: Properties[]) => ({ properties: { routing: { routes } } });
const policies = (...names: string[]) => ({
  properties: { authorizationPolicies: names.map((keyName) => ({ keyName, rights: "RegistryRead" })) },
});
const free = (events: Properties) => ({
  sku: { name: "F1" },
  properties: { eventHubEndpoints: { events } },
});

test.each([
  ["a taken name", { resourceGroupName: "other", resourceName: "Taken-Name" }, "IotHubNameNotAvailable"],
  ["a name that ends with a hyphen", { resourceName: "hub-" }, "IotHubNameInvalid"],
  ["a name of 51 letters", { resourceName: "h".repeat(51) }, "IotHubNameInvalid"],
  ["201 units of S1", { sku: { name: "S1", capacity: 201 } }, "InvalidSkuCapacity"],
  ["11 units of S3", { sku: { name: "S3", capacity: 11 } }, "InvalidSkuCapacity"],
  ["TLS 1.1", { properties: { minTlsVersion: "1.1" } }, "InvalidMinTlsVersion"],
  ["a region without IoT Hub", { location: "belgiumcentral" }, "LocationNotAvailableForResourceType"],
  ["network rules without a default action", { properties: { networkRuleSets: rules } }, "NotInSandbox"],
  [
    "21 allowed hosts",
    { properties: { allowedFqdnList: Array(21).fill("a.example") } },
    "InvalidAllowedFqdnList",
  ],
  [
    "file upload notifications",
    { properties: { enableFileUploadNotifications: true } },
    "InvalidStorageEndpoint",
  ],
  ["a route to an unknown endpoint", routed(route({ endpointNames: ["nowhere"] })), "400108"],
  ["a route without an endpoint", routed(route({ endpointNames: [] })), "InvalidRoute"],
  ["two routes of one name", routed(route({}), route({ name: "R" })), "InvalidRoute"],
  ["a route with a condition", routed(route({ condition: "temperature > 30" })), "NotInSandbox"],
  ["a route of twin changes", routed(route({ source: "TwinChangeEvents" })), "NotInSandbox"],
  [
    "enrichments",
    { properties: { routing: { enrichments: [{ endpointNames: ["events"], key: "a", value: "b" }] } } },
    "NotInSandbox",
  ],
  ["two policies of one name", policies("a", "A"), "DuplicatePolicyName"],
  ["17 policies", policies(..."abcdefghijklmnopq"), "TooManyPolicies"],
  [
    "a time to live of 30 days",
    { properties: { cloudToDevice: { defaultTtlAsIso8601: "P30D" } } },
    "InvalidDuration",
  ],
  [
    "a time to live of one second",
    { properties: { cloudToDevice: { defaultTtlAsIso8601: "PT1S" } } },
    "InvalidDuration",
  ],
  [
    "a feedback lock of a day",
    { properties: { cloudToDevice: { feedback: { lockDurationAsIso8601: "P1D" } } } },
    "InvalidDuration",
  ],
  [
    "a file notification time to live of three days",
    { properties: { messagingEndpoints: { fileNotifications: { ttlAsIso8601: "P3D" } } } },
    "InvalidDuration",
  ],
  ["32 partitions in the free tier", free({ partitionCount: 32 }), "400016"],
  ["a retention of a week in the free tier", free({ retentionTimeInDays: 7 }), "400016"],
])("a hub with %s is refused", async (_, changes, code) => {
  const inputs = { resourceName: `hub-${count++}`, sku: { name: "S1" }, ...changes };
  await expect(create(hub, inputs as Properties)).rejects.toThrow(`Code="${code}`);
});

test("a shared access policy with unknown rights is refused", async () => {
  const declare = (rights: string) =>
    create(hub, {
      resourceName: `hub-${count++}`,
      sku: { name: "S1" },
      properties: { authorizationPolicies: [{ keyName: "p", rights }] },
    });
  await expect(declare("Everything")).rejects.toThrow(/rights/);
  await declare("RegistryRead, ServiceConnect");
});

test("a hub with routing but without a fallback route has a disabled fallback route", async () => {
  const created = await create(hub, { resourceName: "routed", sku: { name: "S1" }, ...routed() });
  expect(created.outputs).toMatchObject({ properties: { routing: { fallbackRoute: { isEnabled: false } } } });
  const plain = await create(hub, { resourceName: "plain", sku: { name: "S1" } });
  expect(plain.outputs).toMatchObject({ properties: { routing: { fallbackRoute: { isEnabled: true } } } });
});

test("a hub changes its units and to a higher tier, but not to a lower tier or its immutable properties", async () => {
  const inputs = { ...everywhere, resourceName: "sized", sku: { name: "B1" } };
  const created = await create(hub, inputs);
  const up = await engine.native.update(created, { ...inputs, sku: { name: "S2", capacity: 3 } });
  expect(up.outputs).toMatchObject({ sku: { name: "S2", tier: "Standard", capacity: 3 } });
  for (const [changes, code] of [
    [{ sku: { name: "B2" } }, "InvalidSkuTransition"],
    [{ sku: { name: "F1" } }, "InvalidSkuTransition"],
    [{ properties: { enableDataResidency: true } }, "PropertyCannotBeChanged"],
    [{ properties: { eventHubEndpoints: { events: { partitionCount: 8 } } } }, "PropertyCannotBeChanged"],
  ] as const) {
    const news = { ...inputs, sku: { name: "S2" }, ...changes };
    await expect(engine.native.update(up, news as Properties)).rejects.toThrow(code);
  }
});

// iot-hub/iot-hub-tls-support: "After you create an IoT Hub, update the minTlsVersion property".
test("a hub's minimum TLS version can be set after its creation", async () => {
  const inputs = { ...everywhere, resourceName: "hardened", sku: { name: "S1" } };
  const created = await create(hub, inputs);
  const updated = await engine.native.update(created, { ...inputs, properties: { minTlsVersion: "1.2" } });
  expect(updated.outputs).toMatchObject({ properties: { minTlsVersion: "1.2" } });
});

test("a second free hub is refused, and a hub with data residency has no secondary location", async () => {
  await create(hub, { resourceName: "free-one", sku: { name: "F1" } });
  await expect(create(hub, { resourceName: "free-two", sku: { name: "F1" } })).rejects.toThrow(
    "FreeHubLimitExceeded",
  );
  const { outputs } = await create(hub, {
    resourceName: "resident",
    sku: { name: "S1" },
    properties: { enableDataResidency: true },
  });
  expect(outputs).toMatchObject({
    properties: { locations: [{ location: "West Europe", role: "primary" }] },
  });
});
