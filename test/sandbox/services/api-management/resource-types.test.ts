import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../sandbox/pulumi-providers/provider.ts";
import { everywhere, startTypes, type Types } from "../../resource-manager/arm-harness.ts";

const gateway = "azure-native:apimanagement:ApiManagementService";
let engine: Types;
let count = 0;
const service = (changes: Properties = {}) => ({
  serviceName: `service-${count++}`,
  publisherEmail: "operations@example.com",
  publisherName: "Example",
  sku: { name: "BasicV2", capacity: 1 },
  ...changes,
});

const create: Types["create"] = (token, inputs) => engine.create(token, inputs);

beforeAll(async () => {
  engine = await startTypes();
  await create(gateway, service({ serviceName: "taken-name" }));
  const inService = { serviceName: "taken-name" };
  await create("azure-native:apimanagement:Api", { ...inService, apiId: "flow", path: "flow" });
  await create("azure-native:apimanagement:ApiOperation", {
    ...{ ...inService, apiId: "flow", operationId: "one", displayName: "x", method: "GET" },
    urlTemplate: "/Taken/{id}",
    templateParameters: [{ name: "id", type: "string" }],
  });
});
afterAll(() => engine.close());

const custom = (name: string, value: string) => ({
  customProperties: { [`Microsoft.WindowsAzure.ApiManagement.Gateway.${name}`]: value },
});

test.each([
  ["a taken name", { resourceGroupName: "other", serviceName: "TAKEN-name" }, "ServiceAlreadyExists"],
  ["a name that begins with a digit", { serviceName: "1flow" }, "InvalidParameters"],
  ["a v2 tier where there is none", { location: "polandcentral" }, "SkuNotAvailable"],
  ["11 units of BasicV2", { sku: { name: "BasicV2", capacity: 11 } }, "InvalidParameters"],
  ["no unit", { sku: { name: "BasicV2", capacity: 0 } }, "InvalidParameters"],
  [
    "ciphers in a v2 tier",
    {
      customProperties: {
        "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Ciphers.TripleDes168": "False",
      },
    },
    "InvalidParameters",
  ],
  [
    "a custom property that does not exist",
    { customProperties: { "Nonsense.Property": "True" } },
    "InvalidParameters",
  ],
  ["a custom property that is maybe", custom("Security.Protocols.Tls10", "maybe"), "InvalidParameters"],
  ["old TLS to backends", custom("Security.Backend.Protocols.Tls10", "True"), "NotInSandbox"],
  ["HTTP/2", custom("Protocols.Server.Http2", "True"), "NotInSandbox"],
  [
    "a cipher switched off",
    {
      sku: { name: "Standard", capacity: 1 },
      ...custom("Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA", "False"),
    },
    "NotInSandbox",
  ],
  ["availability zones", { zones: ["1"] }, "InvalidParameters"],
  ["a NAT gateway", { natGatewayState: "Enabled" }, "NotInSandbox"],
  ["public access off from the start", { publicNetworkAccess: "Disabled" }, "InvalidParameters"],
  ["a virtual network", { virtualNetworkType: "Internal" }, "NotInSandbox"],
])("an API Management service with %s is refused", async (_, changes, code) => {
  await expect(create(gateway, service(changes as Properties))).rejects.toThrow(`Code="${code}`);
});

test("a service takes no calls of API versions older than it says, the deployment's neither", async () => {
  const inputs = { ...everywhere, ...service(), apiVersionConstraint: { minApiVersion: "2099-01-01" } };
  const made = await create(gateway, inputs);
  for (const call of [
    () => engine.native.update(made, { ...inputs, publisherName: "Other" }),
    () =>
      create("azure-native:apimanagement:Api", { serviceName: inputs.serviceName, apiId: "x", path: "x" }),
    () => engine.native.read(made),
    () => engine.native.delete(made),
  ]) {
    await expect(call()).rejects.toThrow("InvalidApiVersionParameter");
  }
  // Another provider's resource has versions of its own.
  await engine.native.create("azure-native:authorization:RoleAssignment", "reader", {
    scope: made.id,
    principalId: engine.azure.directory.addServicePrincipal("somebody").objectId,
    roleDefinitionId:
      "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
  });
});

test.each<Properties>([{ publisherEmail: "nobody" }, { apiVersionConstraint: { minApiVersion: "latest" } }])(
  "an API Management service with %o is no valid input",
  async (changes) => {
    await expect(create(gateway, service(changes))).rejects.toThrow("check failed");
  },
);

test("an API Management service stays among the tiers it was made in", async () => {
  const inputs = { ...everywhere, ...service() };
  const made = await create(gateway, inputs);
  const up = await engine.native.update(made, { ...inputs, sku: { name: "StandardV2", capacity: 2 } });
  expect(up.outputs.createdAtUtc).toBe(made.outputs.createdAtUtc);
  await expect(
    engine.native.update(up, { ...inputs, sku: { name: "Standard", capacity: 1 } }),
  ).rejects.toThrow("cannot change its tier");
});

const inService = { serviceName: "taken-name" };
const operation = { ...inService, apiId: "flow", displayName: "x", method: "GET" };
const taken = {
  method: "get",
  urlTemplate: "/taken/{one}",
  templateParameters: [{ name: "one", type: "string" }],
};
const policy = (body: string) => ({
  ...inService,
  apiId: "flow",
  policyId: "policy",
  format: "rawxml",
  value: `<policies><inbound><base />${body}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`,
});

/** A backend with one rule of a circuit breaker, changed, and further rules. */
const withBreaker = (changes: Record<string, unknown>, ...more: Record<string, unknown>[]) => {
  const failureCondition = { count: 3, interval: "PT1M", statusCodeRanges: [{ min: 500, max: 599 }] };
  const rule = { name: "fails", failureCondition, tripDuration: "PT15S", ...changes };
  return {
    ...inService,
    protocol: "http",
    url: "https://example.com",
    circuitBreaker: { rules: [rule, ...more] },
  };
};

test.each([
  ["Api", { ...inService, apiId: "x", path: "FLOW" }, /has the path 'FLOW' already/],
  ["Api", { ...inService, apiId: "x", path: "x", protocols: ["wss"] }, /NotInSandbox.*WebSocket/],
  ["Api", { ...inService, apiId: "a:b", path: "x" }, /not a valid API ID/],
  ["Api", { ...inService, apiId: "x", path: "x", serviceUrl: "nowhere" }, /not a valid service URL/],
  ["Api", { ...inService, apiId: "x", path: "x", apiVersion: "v1" }, /ApiVersionSetId is not set/],
  ["Api", { ...inService, apiId: "x", path: "x", isCurrent: false }, /NotInSandbox.*revisions/],
  ["Api", { serviceName: "nothing", apiId: "x", path: "x" }, /ParentResourceNotFound.*service\/nothing/],
  ["ApiOperation", { ...operation, urlTemplate: "/", method: "not a method" }, /not an HTTP method/],
  ["ApiOperation", { ...operation, ...taken, operationId: "two" }, /has the method get and the URL template/],
  [
    "Subscription",
    { ...inService, displayName: "x", scope: "/apis", ownerId: "/users/1" },
    /NotInSandbox.*users/,
  ],
  [
    "Subscription",
    { ...inService, displayName: "x", scope: "/apis", allowTracing: true },
    /NotInSandbox.*tracing/,
  ],
  ["ApiOperation", { ...operation, urlTemplate: "/e/{badge}" }, /All template parameters/],
  ["ApiOperation", { ...operation, urlTemplate: "e" }, /must begin with/],
  [
    "ApiOperation",
    { ...operation, urlTemplate: "/", templateParameters: [{ name: "x", type: "string" }] },
    /All template parameters/,
  ],
  [
    "ApiOperation",
    { ...operation, apiId: "nothing", urlTemplate: "/" },
    /ParentResourceNotFound.*apis\/nothing/,
  ],
  ["ApiPolicy", { ...policy(""), policyId: "mine" }, /must be 'policy'/],
  ["ApiPolicy", { ...policy(""), format: "xml-link" }, /NotInSandbox/],
  ["ApiPolicy", policy("<turn-blue />"), /ValidationError.*line 1.*turn-blue/],
  ["ApiPolicy", policy('<set-backend-service backend-id="nothing" />'), /nothing/],
  ["ApiPolicy", policy('<set-header name="x"><value>{{nothing}}</value></set-header>'), /nothing/],
  ["Backend", { ...inService, url: "ftp://example.com", protocol: "http" }, /not a valid URL/],
  ["Backend", { ...inService, url: "https://example.com" }, /protocol/],
  [
    "Backend",
    { ...inService, protocol: "http", url: "https://example.com", type: "Pool" },
    /NotInSandbox.*pool/,
  ],
  ["Backend", withBreaker({}, {}), /one rule only/],
  ["Backend", withBreaker({ acceptRetryAfter: true }), /NotInSandbox.*acceptRetryAfter/],
  ["Backend", withBreaker({ name: undefined }), /must have a name/],
  ["Backend", withBreaker({ tripDuration: "15 s" }), /'15 s' is not an ISO 8601 duration/],
  ["Backend", withBreaker({ failureCondition: { percentage: 50 } }), /NotInSandbox.*percentages/],
  ["Backend", withBreaker({ failureCondition: { count: 1, interval: "PT1M" } }), /statusCodeRanges/],
  [
    "Backend",
    { ...inService, backendId: "a b", protocol: "http", url: "https://example.com" },
    /not a backend ID/,
  ],
])("apimanagement:%s with %o is refused", async (type, inputs, message) => {
  await expect(create(`azure-native:apimanagement:${type}`, inputs as Properties)).rejects.toThrow(message);
});

test("a named value's secret is never read back", async () => {
  const made = await create("azure-native:apimanagement:NamedValue", {
    ...inService,
    namedValueId: "secret",
    displayName: "secret",
    value: "notForEveryone",
    secret: true,
  });
  expect(made.outputs).toMatchObject({ displayName: "secret", secret: true });
  expect(JSON.stringify(made.outputs)).not.toContain("notForEveryone");
  expect(engine.azure.resources.get(made.id)?.properties.value).toBe("notForEveryone");
  // Nor does a policy that is refused quote it.
  const wrong = policy(
    '<set-header name="x" exists-action="override"><value>@({{secret}})</value></set-header>',
  );
  const error = await create("azure-native:apimanagement:ApiPolicy", wrong).catch((reason: Error) => reason);
  expect((error as Error).message).toMatch(/ValidationError.*'\{\{secret\}\}'/);
  expect((error as Error).message).not.toContain("notForEveryone");
});

// Azure/apiops issues 141 and 379
test("a change of an API during another change of it is a conflict, and a later one is accepted", async () => {
  const operation = (operationId: string) => () =>
    create("azure-native:apimanagement:ApiOperation", {
      ...{ serviceName: "taken-name", apiId: "flow", operationId, displayName: "x", method: "GET" },
      urlTemplate: `/${operationId}`,
    });
  const [first, second] = await Promise.allSettled(["two", "three"].map((id) => operation(id)()));
  expect([first?.status, second?.status].sort()).toEqual(["fulfilled", "rejected"]);
  const { reason } = [first, second].find((each) => each?.status === "rejected") as PromiseRejectedResult;
  expect(String(reason)).toMatch(
    /Status=409 Code="PessimisticConcurrencyConflict".*Operation on the API is in progress/,
  );
  await operation(first?.status === "rejected" ? "two" : "three")();
});
