import { ApiManagementClient } from "@azure/arm-apimanagement";
import { IotHubClient } from "@azure/arm-iothub";
import { StorageManagementClient } from "@azure/arm-storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createResourceManagerEndpoint } from "../../../sandbox/resource-manager/rest-api/endpoint.ts";
import { grantRole } from "../../../sandbox/services/authorization/grant-role.ts";
import { azureClients } from "../entra-id/azure-clients.ts";
import { startEngine } from "../pulumi-providers/provider-client.ts";

const group = "example";
const location = "norwayeast";

let engine: Awaited<ReturnType<typeof startEngine>>;
let native: ReturnType<typeof azureClients>;
let serviceId: string;

/** A principal with roles, and SDK clients that sign in as it. */
function signedIn(roles: [role: string, scope?: string][]) {
  const { azure } = engine;
  const principal = azure.directory.addServicePrincipal("caller");
  for (const [role, scope] of roles) grantRole(azure, principal.objectId, role, scope);
  const credential = native.credential(principal.appId, principal.secret);
  const { subscriptionId } = azure;
  return {
    principal,
    storage: new StorageManagementClient(credential, subscriptionId, native.clientOptions),
    hubs: new IotHubClient(credential, subscriptionId, native.clientOptions),
    gateway: new ApiManagementClient(credential, subscriptionId, native.clientOptions),
  };
}

async function refusal(work: Promise<unknown>): Promise<{ status: number; code?: string; message: string }> {
  const error = (await work.then(
    () => new Error("It was not refused."),
    (reason: unknown) => reason,
  )) as Error & { statusCode?: number; code?: string };
  if (error.statusCode === undefined) throw error;
  return { status: error.statusCode, code: error.code, message: error.message };
}

async function collect<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

beforeAll(async () => {
  engine = await startEngine("Owner", { entraId: {}, resourceManager: {} });
  native = azureClients(engine.sandbox);
  const create = (token: string, inputs: Parameters<typeof engine.native.create>[2]) =>
    engine.native.create(`azure-native:${token}`, "example", { resourceGroupName: group, ...inputs });
  await create("resources:ResourceGroup", { location });
  await create("storage:StorageAccount", {
    accountName: "examplefiles",
    kind: "StorageV2",
    sku: { name: "Standard_ZRS" },
  });
  await create("iothub:IotHubResource", { resourceName: "example-hub", sku: { name: "S2", capacity: 3 } });
  serviceId = (
    await create("apimanagement:ApiManagementService", {
      serviceName: "example-flow",
      publisherEmail: "operations@example.com",
      publisherName: "Example",
      sku: { name: "BasicV2", capacity: 1 },
      apiVersionConstraint: { minApiVersion: "2021-08-01" },
    })
  ).id;
  for (const apiId of ["flow", "other"]) {
    await create("apimanagement:Api", {
      serviceName: "example-flow",
      apiId,
      path: apiId,
      displayName: apiId,
    });
  }
});

afterAll(async () => {
  await engine.close();
});

test("@azure/arm-iothub reads a hub and its sku, alone and in lists", async () => {
  const { hubs } = signedIn([["Reader"]]);
  const hub = await hubs.iotHubResource.get(group, "EXAMPLE-HUB");
  expect(hub).toMatchObject({
    name: "example-hub",
    sku: { name: "S2", tier: "Standard", capacity: 3 },
    properties: { hostName: "example-hub.azure-devices.net", state: "Active" },
  });
  const all = await collect(hubs.iotHubResource.listBySubscription());
  expect(all.map(({ id }) => id)).toEqual([hub.id]);
  expect(await collect(hubs.iotHubResource.listByResourceGroup(group))).toHaveLength(1);
});

test("@azure/arm-storage lists account keys and regenerates one, with the role for it", async () => {
  const { storage } = signedIn([["Storage Account Key Operator Service Role"]]);
  const { keys: before = [] } = await storage.storageAccounts.listKeys(group, "examplefiles");
  expect(before.map(({ keyName, permissions }) => [keyName, permissions])).toEqual([
    ["key1", "FULL"],
    ["key2", "FULL"],
  ]);
  const { keys: after = [] } = await storage.storageAccounts.regenerateKey(group, "examplefiles", {
    keyName: "key1",
  });
  expect(after[0]?.value).not.toBe(before[0]?.value);
  expect(after[1]?.value).toBe(before[1]?.value);
  expect(Buffer.from(after[0]?.value ?? "", "base64")).toHaveLength(64);
  const reader = signedIn([["Reader"]]).storage;
  const account = await reader.storageAccounts.getProperties(group, "examplefiles");
  expect(account.keyCreationTime?.key1).toEqual(after[0]?.creationTime);
  expect(
    await refusal(storage.storageAccounts.regenerateKey(group, "examplefiles", { keyName: "key3" })),
  ).toMatchObject({ status: 400, code: "InvalidValuesForRequestParameters" });
});

test("a call without a role is a 403 that names the action and the caller", async () => {
  const { principal, storage, gateway } = signedIn([["Reader"]]);
  expect(await refusal(storage.storageAccounts.listKeys(group, "examplefiles"))).toMatchObject({
    status: 403,
    code: "AuthorizationFailed",
    message: expect.stringMatching(new RegExp(`${principal.objectId}.*listkeys/action`)),
  });
  expect(await refusal(gateway.subscription.listSecrets(group, "example-flow", "master"))).toMatchObject({
    status: 403,
  });
  const unprivileged = signedIn([]).hubs;
  expect(await refusal(unprivileged.iotHubResource.get(group, "example-hub"))).toMatchObject({ status: 403 });
  expect(await collect(unprivileged.iotHubResource.listBySubscription())).toEqual([]);
});

test("a missing resource is a 404 with Azure's message", async () => {
  const { principal, storage, hubs, gateway } = signedIn([["Owner"]]);
  expect(await refusal(hubs.iotHubResource.get(group, "nothing"))).toMatchObject({
    status: 404,
    code: "ResourceNotFound",
    message: expect.stringContaining("Microsoft.Devices/IotHubs/nothing"),
  });
  expect(await refusal(hubs.iotHubResource.get("no-group", "example-hub"))).toMatchObject({
    status: 404,
    code: "ResourceGroupNotFound",
  });
  const elsewhere = new IotHubClient(
    native.credential(principal.appId, principal.secret),
    "11111111-2222-3333-4444-555555555555",
    native.clientOptions,
  );
  expect(await refusal(elsewhere.iotHubResource.get(group, "example-hub"))).toMatchObject({
    status: 404,
    code: "SubscriptionNotFound",
  });
  expect(await refusal(storage.storageAccounts.listKeys(group, "nothing"))).toMatchObject({ status: 404 });
  expect(await refusal(gateway.subscription.get(group, "example-flow", "unknown"))).toMatchObject({
    status: 404,
  });
});

test("an unknown call is a 400 and not a 404, which would mean a missing resource", async () => {
  const { hubs, gateway } = signedIn([["Owner"]]);
  const calls: [() => Promise<unknown>, string][] = [
    [() => hubs.certificates.listByIotHub(group, "example-hub"), "IotHubs/example-hub/certificates"],
    [() => hubs.certificates.get(group, "example-hub", "root"), "IotHubs/example-hub/certificates/root"],
    [() => gateway.product.get(group, "example-flow", "starter"), "service/example-flow/products/starter"],
  ];
  for (const [call, named] of calls) {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ status: 400, code: "NotInSandbox" });
    expect(refused.message).toContain(named);
  }
});

test("@azure/arm-apimanagement creates, changes, suspends and deletes a customer's subscription", async () => {
  const { gateway } = signedIn([["API Management Service Contributor", serviceId]]);
  const { subscription } = gateway;
  const at = [group, "example-flow", "customer-one"] as const;
  const created = await subscription.createOrUpdate(...at, {
    scope: `${serviceId}/apis/flow`,
    displayName: "Customer one",
    state: "active",
  });
  expect(created).toMatchObject({ name: "customer-one", scope: `${serviceId}/apis/flow`, state: "active" });
  expect(created.primaryKey).toBeUndefined();
  const got = await subscription.get(...at);
  expect(got.primaryKey).toBeUndefined();
  expect(got.eTag).toBe(created.eTag);

  const keys = await subscription.listSecrets(...at);
  expect(keys.primaryKey).toMatch(/^[0-9a-f]{32}$/);
  expect(keys.secondaryKey).not.toBe(keys.primaryKey);
  await subscription.regeneratePrimaryKey(...at);
  const after = await subscription.listSecrets(...at);
  expect(after.primaryKey).not.toBe(keys.primaryKey);
  expect(after.secondaryKey).toBe(keys.secondaryKey);

  // A second PUT with the same body does not create new keys.
  await subscription.createOrUpdate(...at, {
    scope: "/apis/flow",
    displayName: "Customer one",
    state: "active",
  });
  expect(await subscription.listSecrets(...at)).toMatchObject({ primaryKey: after.primaryKey });

  expect(await refusal(subscription.update(...at, created.eTag ?? "", { state: "suspended" }))).toMatchObject(
    {
      status: 412,
      code: "PreconditionFailed",
    },
  );
  const { eTag } = await subscription.getEntityTag(...at);
  const suspended = await subscription.update(...at, eTag ?? "", { state: "suspended" });
  expect(suspended).toMatchObject({ state: "suspended", displayName: "Customer one" });
  expect(await refusal(subscription.delete(...at, eTag ?? ""))).toMatchObject({ status: 412 });
  await subscription.delete(...at, "*");
  expect(await refusal(subscription.get(...at))).toMatchObject({ status: 404 });
});

test("lists of subscriptions have pages and contain no keys", async () => {
  const { gateway } = signedIn([["API Management Service Contributor", serviceId]]);
  for (let index = 0; index < 7; index++) {
    await gateway.subscription.createOrUpdate(group, "example-flow", `paged-${index}`, {
      scope: "/apis/other",
      displayName: `Paged ${index}`,
      state: "active",
    });
  }
  const all = await collect(gateway.subscription.list(group, "example-flow", { top: 3 }));
  expect(all.map(({ name }) => name)).toEqual([
    "master",
    ...Array.from({ length: 7 }, (_, n) => `paged-${n}`),
  ]);
  expect(all.every(({ primaryKey, secondaryKey }) => !primaryKey && !secondaryKey)).toBe(true);
  const apis = await collect(gateway.api.listByService(group, "example-flow"));
  expect(apis.map(({ name }) => name)).toEqual(["flow", "other"]);
  expect(await gateway.apiManagementService.get(group, "example-flow")).toMatchObject({
    gatewayUrl: "https://example-flow.azure-api.net",
    sku: { name: "BasicV2" },
  });
});

test.each([
  [{ scope: "/products/starter", displayName: "x" }, /scope should be one of/],
  [{ scope: "/apis/nothing", displayName: "x" }, /could not be found/],
  [{ scope: "/apis/flow", displayName: "" }, /displayName/],
  [{ scope: "/apis/flow", displayName: "x", primaryKey: "same", secondaryKey: "same" }, /must differ/],
])("the subscription %o is refused", async (parameters, message) => {
  const { gateway } = signedIn([["Owner"]]);
  expect(
    await refusal(gateway.subscription.createOrUpdate(group, "example-flow", "wrong", parameters)),
  ).toMatchObject({ status: 400, code: "ValidationError", message: expect.stringMatching(message) });
});

test("the name of a deleted API Management service is taken until it is purged", async () => {
  const { gateway } = signedIn([["Owner"]]);
  const inputs = {
    resourceGroupName: group,
    serviceName: "short-lived",
    publisherEmail: "operations@example.com",
    publisherName: "Example",
    sku: { name: "StandardV2", capacity: 1 },
  };
  const create = () =>
    engine.native.create("azure-native:apimanagement:ApiManagementService", "short", inputs);
  await engine.native.delete(await create());
  await expect(create()).rejects.toThrow(/ServiceAlreadyExistsInSoftDeletedState/);
  const deleted = await collect(gateway.deletedServices.listBySubscription());
  expect(deleted.map(({ name }) => name)).toEqual(["short-lived"]);
  await gateway.deletedServices.beginPurgeAndWait("short-lived", location);
  await engine.native.delete(await create());
});

/** A call without an SDK. */
async function raw(path: string, options: { method?: string; token?: string; roles?: string[] } = {}) {
  const { azure } = engine;
  const principal = azure.directory.addServicePrincipal("raw");
  for (const role of options.roles ?? ["Owner"]) grantRole(azure, principal.objectId, role);
  const { token } = await azure.tokens.issue(principal, "https://management.core.windows.net/");
  const response = await createResourceManagerEndpoint(azure, engine.sandbox.accountKeys).fetch(
    new Request(`https://management.native.com${path}`, {
      method: options.method ?? "GET",
      headers: options.token === "" ? {} : { authorization: `Bearer ${options.token ?? token}` },
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

test("a call without a token, with an invalid token or without an API version is refused", async () => {
  const path = `${`/subscriptions/${engine.azure.subscriptionId}`}/resourceGroups/${group}`;
  const without = await raw(`${path}?api-version=2024-03-01`, { token: "" });
  expect(without).toMatchObject({ status: 401, body: { error: { code: "AuthenticationFailed" } } });
  expect(without.headers.get("www-authenticate")).toContain(engine.azure.tenantId);
  const { token } = await engine.azure.tokens.issue(engine.deployer, "https://iothubs.azure.net");
  expect(await raw(`${path}?api-version=2024-03-01`, { token })).toMatchObject({
    status: 401,
    body: { error: { code: "InvalidAuthenticationToken" } },
  });
  expect(await raw(path)).toMatchObject({
    status: 400,
    body: { error: { code: "MissingApiVersionParameter" } },
  });
  expect(await raw(`${serviceId}/apis/flow?api-version=2019-01-01`)).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("2021-08-01") } },
  });
});

test("the refusal of an unknown type or call contains its name", async () => {
  const inGroup = `/subscriptions/${engine.azure.subscriptionId}/resourceGroups/${group}/providers`;
  const unknown = await raw(`${inGroup}/Microsoft.Compute/virtualMachines/x?api-version=2024-01-01`);
  expect(unknown.body.error.message).toContain("Microsoft.Compute/virtualMachines/x");
  const action = await raw(
    `${inGroup}/Microsoft.Devices/IotHubs/example-hub/certificates/verify?api-version=2023-06-30`,
    {
      method: "POST",
    },
  );
  expect(action.body.error.message).toContain("IotHubs/example-hub/certificates/verify");
});

test("a path that cannot be decoded is refused as unknown", async () => {
  expect(await raw("/providers/%zz?api-version=2024-03-01")).toMatchObject({
    status: 400,
    body: { error: { code: "NotInSandbox" } },
  });
});

test("role assignments and definitions are listed with the documented filters", async () => {
  const { azure } = engine;
  const { principal } = signedIn([["Reader", serviceId]]);
  const list = async (scope: string, filter: string) => {
    const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
    const query = new URLSearchParams({ "api-version": "2022-04-01", $filter: filter });
    const { body } = await raw(`${path}?${query}`);
    return body.value.map((each: { properties: { scope: string } }) => each.properties.scope);
  };
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  expect(await list(subscription, `principalId eq '${principal.objectId}'`)).toEqual([serviceId]);
  expect(await list(subscription, `atScope() and principalId eq '${principal.objectId}'`)).toEqual([]);
  expect(await list(serviceId, `atScope() and assignedTo('${principal.objectId}')`)).toEqual([serviceId]);
  const query = new URLSearchParams({ "api-version": "2022-04-01", $filter: "roleName eq 'Reader'" });
  const { body } = await raw(`${subscription}/providers/Microsoft.Authorization/roleDefinitions?${query}`);
  expect(body.value).toMatchObject([{ properties: { type: "BuiltInRole", roleName: "Reader" } }]);
  const one = await raw(
    `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${body.value[0].name}?api-version=2022-04-01`,
  );
  expect(one.body.name).toBe(body.value[0].name);
});

test("deleting a resource group deletes all resources in it", async () => {
  const { azure } = engine;
  await engine.native.create("azure-native:resources:ResourceGroup", "temporary", {
    resourceGroupName: "temporary",
    location,
  });
  await engine.native.create("azure-native:iothub:IotHubResource", "temporary", {
    resourceGroupName: "temporary",
    resourceName: "temporary-hub",
    sku: { name: "S1" },
    identity: { type: "SystemAssigned" },
  });
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/temporary`;
  const identity = azure.resources.named("Microsoft.Devices/IotHubs", "temporary-hub")?.identity?.principalId;
  expect(await raw(`${id}?api-version=2024-03-01`, { method: "DELETE" })).toMatchObject({ status: 202 });
  expect(azure.resources.below(id)).toEqual([]);
  expect(azure.directory.get(identity as string)).toBeUndefined();
});
