import { createRequire } from "node:module";
import type plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unknownValue } from "../../../sandbox/pulumi-providers/wire.ts";
import { call, type Engine, startEngine } from "./provider-client.ts";

const require = createRequire(import.meta.url);
const group = "azure-native:resources:ResourceGroup";
const account = "azure-native:storage:StorageAccount";
const hub = "azure-native:iothub:IotHubResource";

let engine: Awaited<ReturnType<typeof startEngine>>;
let native: Engine;

beforeAll(async () => {
  engine = await startEngine();
  native = engine.native;
  await native.create(group, "example", { resourceGroupName: "example", location: "West Europe" });
});

afterAll(() => engine.close());

const storage = {
  resourceGroupName: "example",
  accountName: "exampleaccount",
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
};

test.each(["azure-native", "azuread", "random"] as const)(
  "%s reports the version of its SDK",
  async (name) => {
    const { client } = { "azure-native": engine.native, azuread: engine.azuread, random: engine.random }[
      name
    ];
    const info = await call<InstanceType<typeof plugins.PluginInfo>>((done) =>
      client.getPluginInfo(new empty.Empty(), done),
    );
    expect(info.getVersion()).toBe(require(`@pulumi/${name}/package.json`).version);
  },
);

test("the refusal of an unknown method, type or function contains its name", async () => {
  await expect(
    call((done) => native.client.getSchema(new messages.GetSchemaRequest(), done)),
  ).rejects.toThrow(/getSchema/);
  await expect(native.check("azure-native:compute:VirtualMachine", "x", {})).rejects.toThrow(
    "azure-native:compute:VirtualMachine",
  );
  await expect(native.invoke("azure-native:storage:listStorageAccountKeys")).rejects.toThrow(
    "azure-native:storage:listStorageAccountKeys",
  );
  await expect(engine.azuread.check("azuread:index/user:User", "x", {})).rejects.toThrow("user:User");
  await expect(engine.random.check("random:index/randomPet:RandomPet", "x", {})).rejects.toThrow("RandomPet");
});

test("getClientConfig returns the deployer, subscription and tenant", async () => {
  const { azure, deployer } = engine;
  const expected = { clientId: deployer.appId, objectId: deployer.objectId, tenantId: azure.tenantId };
  expect(await native.invoke("azure-native:authorization:getClientConfig")).toEqual({
    ...expected,
    subscriptionId: azure.subscriptionId,
  });
  expect(await engine.azuread.invoke("azuread:index/getClientConfig:getClientConfig")).toMatchObject(
    expected,
  );
});

test("a configuration with another subscription is refused", async () => {
  const request = new messages.ConfigureRequest();
  request.getVariablesMap().set("azure-native:config:subscriptionId", "another");
  await expect(call((done) => native.client.configure(request, done))).rejects.toThrow(
    /subscriptionId is another/,
  );
});

test.each([
  ["a missing input", { sku: undefined }, ["missing required property 'sku'"]],
  ["a missing input within", { sku: {} }, ["missing required property 'sku.name'"]],
  [
    "an unknown input",
    { colour: "red" },
    [`'colour' is not a property of ${account} that the sandbox knows`],
  ],
  [
    "an unknown input within",
    { sku: { name: "Standard_LRS", size: 1 } },
    [`'sku.size' is not a property of ${account} that the sandbox knows`],
  ],
  ["a wrong type", { isLocalUserEnabled: "no" }, ["'isLocalUserEnabled' should be of type 'boolean'"]],
  [
    "a wrong value",
    { minimumTlsVersion: "TLS9" },
    [`'minimumTlsVersion' must be one of "TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"`],
  ],
  ["no resource group", { resourceGroupName: undefined }, ["missing required property 'resourceGroupName'"]],
])("%s fails the check with the name of the property", async (_, change, failures) => {
  const inputs = { ...storage, location: "westeurope", ...change };
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
  expect((await native.check(account, "example", given as typeof storage)).failures).toEqual(failures);
});

test("the check returns all problems at once, and none for unknown values", async () => {
  const wrong = { ...storage, kind: "Nothing", colour: "red", sku: { name: "Cheap" } };
  expect((await native.check(account, "example", wrong)).failures).toHaveLength(3);
  const unknown = {
    resourceGroupName: unknownValue,
    accountName: unknownValue,
    kind: unknownValue,
    sku: unknownValue,
    isLocalUserEnabled: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    keyPolicy: { keyExpirationPeriodInDays: unknownValue },
  };
  const { inputs, failures } = await native.check(account, "example", unknown);
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ ...unknown, location: unknownValue });
});

test("a name is generated as in azure-native and stays the same", async () => {
  const { inputs } = await native.check(hub, "hub", { resourceGroupName: "example", sku: { name: "S1" } });
  expect(inputs.resourceName).toMatch(/^hub[0-9a-f]{8}$/);
  expect(inputs).toMatchObject({ __createBeforeDelete: true, location: "westeurope" });
  const again = await native.check(hub, "hub", { resourceGroupName: "example", sku: { name: "S2" } }, inputs);
  expect(again.inputs.resourceName).toBe(inputs.resourceName);
  const child = await native.check("azure-native:storage:Table", "terminals", {
    resourceGroupName: "example",
    accountName: "x",
  });
  expect(child.inputs).toMatchObject({ tableName: "terminals" });
  expect(child.inputs).not.toHaveProperty("__createBeforeDelete");
  const assignment = await native.check("azure-native:authorization:RoleAssignment", "x", {
    scope: "/x",
    principalId: "x",
    roleDefinitionId: "x",
  });
  expect(assignment.inputs.roleAssignmentName).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("in a preview the outputs that Azure sets are unknown, and nothing is created", async () => {
  const service = "azure-native:apimanagement:ApiManagementService";
  const outputs = await native.preview(service, "flow", {
    resourceGroupName: "example",
    serviceName: "previewed",
    sku: { name: "BasicV2", capacity: 1 },
    publisherEmail: "operations@example.com",
    publisherName: "Example",
    identity: { type: "SystemAssigned" },
    tags: { owner: unknownValue },
  });
  expect(outputs).toMatchObject({
    publisherName: "Example",
    gatewayUrl: unknownValue,
    name: unknownValue,
    identity: { type: "SystemAssigned", principalId: unknownValue },
    tags: { owner: unknownValue },
  });
  expect(outputs).not.toHaveProperty("serviceName");
  expect(engine.azure.resources.named("Microsoft.ApiManagement/service", "previewed")).toBeUndefined();
});

test("changed tags update the resource, and a changed location, name or group replaces it", async () => {
  const inputs = { ...storage, tags: { owner: "one" } };
  const created = await native.create(account, "changing", inputs);
  expect(await native.diff(created, inputs)).toMatchObject({ changed: false });
  expect(await native.diff(created, { ...inputs, location: "West Europe" })).toMatchObject({
    changed: false,
  });

  const news = { ...inputs, tags: { owner: "two" } };
  expect(await native.diff(created, news)).toMatchObject({
    changed: true,
    paths: ["tags.owner"],
    replaces: [],
  });
  const preview = await native.update(created, news, true);
  expect(preview.outputs).toMatchObject({ name: "exampleaccount", primaryEndpoints: unknownValue });
  expect(engine.azure.resources.get(created.id)?.tags).toEqual({ owner: "one" });
  const updated = await native.update(created, news);
  expect(engine.azure.resources.get(created.id)?.tags).toEqual({ owner: "two" });
  expect(updated.outputs.creationTime).toBe(created.outputs.creationTime);

  for (const [input, value] of [
    ["location", "northeurope"],
    ["accountName", "another"],
    ["resourceGroupName", "another"],
    ["location", unknownValue],
    ["isHnsEnabled", true],
  ] as const) {
    expect(await native.diff(updated, { ...news, [input]: value }), input).toMatchObject({
      replaces: [input],
      // The program sets the name, so the old account must be deleted first.
      deleteBeforeReplace: true,
    });
  }
  await native.delete(updated);
});

test("a resource with a generated name is deleted after its replacement is created", async () => {
  const created = await native.create(hub, "replaced", { resourceGroupName: "example", sku: { name: "S1" } });
  expect(
    await native.diff(created, {
      resourceGroupName: "example",
      sku: { name: "S1" },
      location: "northeurope",
    }),
  ).toMatchObject({ replaces: ["location"], deleteBeforeReplace: false });
  await native.delete(created);
});

test("an unknown input counts as a change", async () => {
  const created = await native.create(account, "unknown", storage);
  const { changed, paths } = await native.diff(created, { ...storage, tags: { owner: unknownValue } });
  expect({ changed, paths }).toEqual({ changed: true, paths: ["tags"] });
  await native.delete(created);
});

test("creating a resource that exists is refused", async () => {
  const created = await native.create(account, "first", storage);
  await expect(native.create(account, "second", storage)).rejects.toThrow(/already existing resource/);
  await native.delete(created);
  // Deleting a missing resource is not an error.
  await native.delete(created);
});

test("a refresh shows changes made outside Pulumi, and no others", async () => {
  const created = await native.create(account, "drifting", { ...storage, minimumTlsVersion: "TLS1_2" });
  const resource = engine.azure.resources.get(created.id);
  if (!resource) throw new Error("The account is missing.");
  const { properties } = resource;
  engine.azure.resources.put({ ...resource, properties: { ...properties, minimumTlsVersion: "TLS1_0" } });
  const { inputs } = await native.read(created);
  expect(inputs).toEqual({ ...created.inputs, minimumTlsVersion: "TLS1_0" });
  engine.azure.resources.delete(created.id);
  expect((await native.read(created)).id).toBe("");
});

test("a resource is imported by its ID", async () => {
  const created = await native.create(account, "imported", storage);
  const { id, inputs } = await native.read({ id: created.id, urn: created.urn });
  expect(id).toBe(created.id);
  expect(inputs).toMatchObject({
    resourceGroupName: "example",
    accountName: "exampleaccount",
    kind: "StorageV2",
  });
  await native.delete(created);
});

test("deleting a resource that always exists with its parent resets it to the defaults", async () => {
  const created = await native.create(account, "parent", storage);
  const blobs = await native.create("azure-native:storage:BlobServiceProperties", "blobs", {
    resourceGroupName: "example",
    accountName: "exampleaccount",
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: true, days: 7 },
  });
  await native.delete(blobs);
  expect(engine.azure.resources.get(blobs.id)?.properties).toEqual({
    deleteRetentionPolicy: { enabled: false },
  });
  await native.delete(created);
});

test("a deployer without the right gets an error with the missing action, and nothing is created", async () => {
  const limited = await startEngine("Contributor");
  try {
    await limited.native.create(group, "example", { resourceGroupName: "example", location: "westeurope" });
    await expect(
      limited.native.create("azure-native:authorization:RoleAssignment", "x", {
        scope: `/subscriptions/${limited.azure.subscriptionId}/resourceGroups/example`,
        principalId: limited.deployer.objectId,
        principalType: "ServicePrincipal",
        roleDefinitionId:
          "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      }),
    ).rejects.toThrow(
      /Status=403 Code="AuthorizationFailed".*Microsoft.Authorization\/roleAssignments\/write/,
    );
  } finally {
    await limited.close();
  }
});
