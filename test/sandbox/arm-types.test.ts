import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../sandbox/providers/provider.ts";
import { startEngine } from "./provider-client.ts";

const everywhere = { resourceGroupName: "example" };
const vault = "azure-native:storage:StorageAccount";
const hub = "azure-native:iothub:IotHubResource";
const gateway = "azure-native:apimanagement:ApiManagementService";

let engine: Awaited<ReturnType<typeof startEngine>>;
let count = 0;

const create = (token: string, inputs: Properties) =>
  engine.azure.create(token, "example", { ...everywhere, ...inputs });

const storage = (changes: Properties = {}) => ({
  accountName: `account${count++}`,
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
  ...changes,
});

const service = (changes: Properties = {}) => ({
  serviceName: `service-${count++}`,
  publisherEmail: "operations@example.com",
  publisherName: "Example",
  sku: { name: "BasicV2", capacity: 1 },
  ...changes,
});

beforeAll(async () => {
  engine = await startEngine();
  for (const [name, location] of [
    ["example", "westeurope"],
    ["other", "norwayeast"],
  ] as const) {
    await engine.azure.create("azure-native:resources:ResourceGroup", name, {
      resourceGroupName: name,
      location,
    });
  }
  await create(vault, storage({ accountName: "takenname" }));
  await create(hub, { resourceName: "taken-name", sku: { name: "S1" } });
  await create(gateway, service({ serviceName: "taken-name" }));
  const inService = { serviceName: "taken-name" };
  await create("azure-native:apimanagement:Api", { ...inService, apiId: "flow", path: "flow" });
  await create("azure-native:operationalinsights:Workspace", { workspaceName: "logs" });
});

afterAll(() => engine.close());

test.each([
  [
    "a group that does not exist",
    { resourceGroupName: "nothing", location: "westeurope" },
    "ResourceGroupNotFound",
  ],
  ["upper case", { accountName: "MyAccount" }, "AccountNameInvalid"],
  ["a hyphen", { accountName: "my-account" }, "AccountNameInvalid"],
  ["a name of 25 letters", { accountName: "a".repeat(25) }, "AccountNameInvalid"],
  ["a taken name", { resourceGroupName: "other", accountName: "takenname" }, "StorageAccountAlreadyTaken"],
  ["no such region", { location: "atlantis" }, "InvalidLocation"],
  [
    "zones where there are none",
    { location: "northcentralus", sku: { name: "Standard_ZRS" } },
    "SkuNotAvailable",
  ],
  [
    "a pair where there is none",
    { location: "italynorth", sku: { name: "Standard_GRS" } },
    "SkuNotAvailable",
  ],
  [
    "a SAS period in days",
    { sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "30" } },
    "InvalidValuesFor",
  ],
  [
    "a SAS period of ISO 8601",
    { sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "P30D" } },
    "InvalidValuesFor",
  ],
  ["a key period of no days", { keyPolicy: { keyExpirationPeriodInDays: 0 } }, "InvalidValuesFor"],
  ["the premium access tier", { accessTier: "Premium" }, "AccountPropertyIsInvalid"],
  ["customer-managed keys", { encryption: { keySource: "Microsoft.Keyvault" } }, "NotInSandbox"],
  ["SFTP", { isSftpEnabled: true }, "NotInSandbox"],
  ["network rules", { networkRuleSet: { defaultAction: "Deny" } }, "NotInSandbox"],
  ["a tag with a slash", { tags: { "a/b": "c" } }, "InvalidTagNameCharacters"],
  [
    "51 tags",
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, "x"])) },
    "TagsExceedLimit",
  ],
])("a storage account with %s is refused", async (_, changes, code) => {
  await expect(create(vault, storage(changes as Properties))).rejects.toThrow(`Code="${code}`);
});

test.each([
  ["another kind of redundancy", { sku: { name: "Standard_ZRS" } }],
  ["infrastructure encryption", { encryption: { requireInfrastructureEncryption: true } }],
  ["another kind", { kind: "BlobStorage" }],
])("%s cannot be had by an update of a storage account", async (_, changes) => {
  const inputs = storage();
  const made = await create(vault, inputs);
  const news = { ...everywhere, ...inputs, ...changes };
  await expect(engine.azure.update(made, news as Properties)).rejects.toThrow(
    "AccountPropertyCannotBeUpdated",
  );
});

test("a storage account gains and loses its copies in the paired region", async () => {
  const inputs = { ...everywhere, ...storage({ sku: { name: "Standard_ZRS" } }) };
  const made = await create(vault, inputs);
  expect(made.outputs.secondaryLocation).toBeUndefined();
  const more = await engine.azure.update(made, { ...inputs, sku: { name: "Standard_RAGZRS" } });
  expect(more.outputs).toMatchObject({
    secondaryLocation: "northeurope",
    secondaryEndpoints: { blob: `https://${inputs.accountName}-secondary.blob.core.windows.net/` },
  });
  const less = await engine.azure.update(more, inputs);
  expect(less.outputs.secondaryEndpoints).toBeUndefined();
  expect(less.outputs.secondaryLocation).toBeUndefined();
});

test("a storage account that says nothing of TLS takes TLS 1.0, as documented", async () => {
  const { outputs } = await create(vault, storage());
  expect(outputs).toMatchObject({ minimumTlsVersion: "TLS1_0", enableHttpsTrafficOnly: true });
});

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
  ["a region without it", { location: "belgiumcentral" }, "LocationNotAvailableForResourceType"],
  ["network rules that do not say", { properties: { networkRuleSets: rules } }, "NotInSandbox"],
  [
    "21 allowed hosts",
    { properties: { allowedFqdnList: Array(21).fill("a.example") } },
    "InvalidAllowedFqdnList",
  ],
  [
    "notifications of files",
    { properties: { enableFileUploadNotifications: true } },
    "InvalidStorageEndpoint",
  ],
  ["a route to nowhere", routed(route({ endpointNames: ["nowhere"] })), "400108"],
  ["a route without an end", routed(route({ endpointNames: [] })), "InvalidRoute"],
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
    "messages of 30 days",
    { properties: { cloudToDevice: { defaultTtlAsIso8601: "P30D" } } },
    "InvalidDuration",
  ],
  [
    "messages of a second",
    { properties: { cloudToDevice: { defaultTtlAsIso8601: "PT1S" } } },
    "InvalidDuration",
  ],
  [
    "feedback that is locked a day",
    { properties: { cloudToDevice: { feedback: { lockDurationAsIso8601: "P1D" } } } },
    "InvalidDuration",
  ],
  [
    "notifications kept three days",
    { properties: { messagingEndpoints: { fileNotifications: { ttlAsIso8601: "P3D" } } } },
    "InvalidDuration",
  ],
  ["32 partitions for free", free({ partitionCount: 32 }), "400016"],
  ["a week's messages for free", free({ retentionTimeInDays: 7 }), "400016"],
])("a hub with %s is refused", async (_, changes, code) => {
  const inputs = { resourceName: `hub-${count++}`, sku: { name: "S1" }, ...changes };
  await expect(create(hub, inputs as Properties)).rejects.toThrow(`Code="${code}`);
});

test("a shared access policy grants rights that exist", async () => {
  const declare = (rights: string) =>
    create(hub, {
      resourceName: `hub-${count++}`,
      sku: { name: "S1" },
      properties: { authorizationPolicies: [{ keyName: "p", rights }] },
    });
  await expect(declare("Everything")).rejects.toThrow(/rights/);
  await declare("RegistryRead, ServiceConnect");
});

test("routing without a fallback route has none", async () => {
  const made = await create(hub, { resourceName: "routed", sku: { name: "S1" }, ...routed() });
  expect(made.outputs).toMatchObject({ properties: { routing: { fallbackRoute: { isEnabled: false } } } });
  const plain = await create(hub, { resourceName: "plain", sku: { name: "S1" } });
  expect(plain.outputs).toMatchObject({ properties: { routing: { fallbackRoute: { isEnabled: true } } } });
});

test("a hub changes its size and goes up a tier, never down, and keeps what is chosen at creation", async () => {
  const inputs = { ...everywhere, resourceName: "sized", sku: { name: "B1" } };
  const made = await create(hub, inputs);
  const up = await engine.azure.update(made, { ...inputs, sku: { name: "S2", capacity: 3 } });
  expect(up.outputs).toMatchObject({ sku: { name: "S2", tier: "Standard", capacity: 3 } });
  for (const [changes, code] of [
    [{ sku: { name: "B2" } }, "InvalidSkuTransition"],
    [{ sku: { name: "F1" } }, "InvalidSkuTransition"],
    [{ properties: { minTlsVersion: "1.2" } }, "PropertyCannotBeChanged"],
    [{ properties: { enableDataResidency: true } }, "PropertyCannotBeChanged"],
    [{ properties: { eventHubEndpoints: { events: { partitionCount: 8 } } } }, "PropertyCannotBeChanged"],
  ] as const) {
    const news = { ...inputs, sku: { name: "S2" }, ...changes };
    await expect(engine.azure.update(up, news as Properties)).rejects.toThrow(code);
  }
});

test("a subscription takes one free hub; data residency leaves out the paired region", async () => {
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
  ["public access off from the start", { publicNetworkAccess: "Disabled" }, "InvalidParameters"],
  ["a virtual network", { virtualNetworkType: "Internal" }, "NotInSandbox"],
])("an API Management service with %s is refused", async (_, changes, code) => {
  await expect(create(gateway, service(changes as Properties))).rejects.toThrow(`Code="${code}`);
});

test("an API Management service stays among the tiers it was made in", async () => {
  const inputs = { ...everywhere, ...service() };
  const made = await create(gateway, inputs);
  const up = await engine.azure.update(made, { ...inputs, sku: { name: "StandardV2", capacity: 2 } });
  expect(up.outputs.createdAtUtc).toBe(made.outputs.createdAtUtc);
  await expect(
    engine.azure.update(up, { ...inputs, sku: { name: "Standard", capacity: 1 } }),
  ).rejects.toThrow("cannot change its tier");
});

const inService = { serviceName: "taken-name" };
const operation = { ...inService, apiId: "flow", displayName: "x", method: "GET" };
const policy = (body: string) => ({
  ...inService,
  apiId: "flow",
  policyId: "policy",
  format: "rawxml",
  value: `<policies><inbound><base />${body}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`,
});

test.each([
  ["Api", { ...inService, apiId: "x", path: "FLOW" }, /has the path 'FLOW' already/],
  ["Api", { ...inService, apiId: "x", path: "x", protocols: ["wss"] }, /NotInSandbox.*WebSocket/],
  ["Api", { ...inService, apiId: "a:b", path: "x" }, /not a valid API ID/],
  ["Api", { ...inService, apiId: "x", path: "x", serviceUrl: "nowhere" }, /not a valid service URL/],
  ["Api", { serviceName: "nothing", apiId: "x", path: "x" }, /ParentResourceNotFound.*service\/nothing/],
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
  expect(engine.cloud.resources.get(made.id)?.properties.value).toBe("notForEveryone");
  // Nor does a policy that is refused quote it.
  const wrong = policy(
    '<set-header name="x" exists-action="override"><value>@({{secret}})</value></set-header>',
  );
  const error = await create("azure-native:apimanagement:ApiPolicy", wrong).catch((reason: Error) => reason);
  expect((error as Error).message).toMatch(/ValidationError.*'\{\{secret\}\}'/);
  expect((error as Error).message).not.toContain("notForEveryone");
});

const inAccount = { accountName: "takenname" };
const rule = (actions: Properties, name = "r", filters?: Properties) => ({
  ...inAccount,
  managementPolicyName: "default",
  policy: {
    rules: [{ name, type: "Lifecycle", definition: { actions, ...(filters ? { filters } : {}) } }],
  },
});

test.each([
  ["BlobContainer", { ...inAccount, containerName: "A" }, /ContainerOperationFailure/],
  ["BlobContainer", { ...inAccount, containerName: "a--b" }, /ContainerOperationFailure/],
  ["BlobContainer", { ...inAccount, containerName: "abc", publicAccess: "Blob" }, /PublicAccessNotPermitted/],
  ["BlobContainer", { accountName: "nothing", containerName: "abc" }, /ParentResourceNotFound/],
  ["Table", { ...inAccount, tableName: "a-b" }, /TableOperationFailure/],
  ["Table", { ...inAccount, tableName: "tables" }, /TableOperationFailure/],
  ["BlobServiceProperties", { ...inAccount, blobServicesName: "mine" }, /must be 'default'/],
  [
    "BlobServiceProperties",
    { ...inAccount, blobServicesName: "default", deleteRetentionPolicy: { enabled: true } },
    /deleteRetentionPolicy.days/,
  ],
  [
    "BlobServiceProperties",
    { ...inAccount, blobServicesName: "default", restorePolicy: { enabled: true, days: 5 } },
    /restorePolicy/,
  ],
  ["ManagementPolicy", { ...rule({}), managementPolicyName: "mine" }, /must be 'default'/],
  ["ManagementPolicy", rule({}), /has no action/],
  ["ManagementPolicy", rule({ baseBlob: { delete: {} } }), /has no condition/],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterModificationGreaterThan: 1 } } }, "r", {
      blobTypes: ["blockBlob"],
      blobIndexMatch: [{ name: "Archive", op: "==", value: "yes" }],
    }),
    /NotInSandbox.*blobIndexMatch/,
  ],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterLastAccessTimeGreaterThan: 1 } } }),
    /NotInSandbox.*daysAfterLastAccessTimeGreaterThan/,
  ],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterCreationGreaterThan: 1 } } }, "a b"),
    /rule name/,
  ],
])("storage:%s with %o is refused", async (type, inputs, message) => {
  await expect(create(`azure-native:storage:${type}`, inputs as Properties)).rejects.toThrow(message);
});

test.each(["a", "-logs", "logs-", "a".repeat(64)])(
  "the workspace name %s is refused",
  async (workspaceName) => {
    await expect(create("azure-native:operationalinsights:Workspace", { workspaceName })).rejects.toThrow(
      "InvalidResourceName",
    );
  },
);

test.each([29, 731])("a workspace does not keep logs for %d days", async (retentionInDays) => {
  await expect(
    create("azure-native:operationalinsights:Workspace", { workspaceName: "days", retentionInDays }),
  ).rejects.toThrow("RetentionInDays");
});

test.each(["group.", "a/b", "a".repeat(91)])("the resource group name %s is refused", async (name) => {
  await expect(
    engine.azure.create("azure-native:resources:ResourceGroup", "x", {
      resourceGroupName: name,
      location: "westeurope",
    }),
  ).rejects.toThrow(/InvalidResourceGroup|NotInSandbox/);
});
