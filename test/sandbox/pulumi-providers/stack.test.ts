import { afterAll, beforeAll, expect, test } from "vitest";
import { resourceTypes } from "../../../sandbox/resource-manager/resource-type-registry.ts";
import { deployStack } from "./fleet-stack.ts";
import { startEngine } from "./provider-client.ts";

let engine: Awaited<ReturnType<typeof startEngine>>;
let stack: Awaited<ReturnType<typeof deployStack>>;

beforeAll(async () => {
  engine = await startEngine();
  stack = await deployStack(engine);
});

afterAll(() => engine.close());

const client = (urn: string) =>
  urn.includes("azure-native:") ? engine.native : urn.includes("azuread:") ? engine.azuread : engine.random;

test("the stack contains every known type of azure-native", () => {
  const tokens = stack.resources.map(({ urn }) => urn.split("$")[1]?.split("::")[0]);
  expect(resourceTypes.map(({ token }) => token).filter((token) => !tokens.includes(token))).toEqual([]);
});

test("deploying the same program again changes nothing, with and without a refresh", async () => {
  for (const each of stack.resources) {
    const { inputs } = each;
    expect(await client(each.urn).diff(each, inputs), each.urn).toMatchObject({ changed: false, paths: [] });
    const fresh = await client(each.urn).read(each);
    expect(fresh.id, each.urn).toBe(each.id);
    expect(fresh.inputs, each.urn).toEqual(each.inputs);
    // A container shows that a policy was created after it, and has another ETag.
    const since = each === stack.audit ? { etag: fresh.outputs.etag, hasImmutabilityPolicy: true } : {};
    expect(fresh.outputs, each.urn).toEqual({ ...each.outputs, ...since });
  }
});

test("resources are stored with the REST API's names", () => {
  const { resources } = engine.azure;
  expect(resources.get(stack.files.id)).toMatchObject({
    type: "Microsoft.Storage/storageAccounts",
    location: "westeurope",
    sku: { name: "Standard_ZRS", tier: "Standard" },
    properties: { supportsHttpsTrafficOnly: true, minimumTlsVersion: "TLS1_2" },
  });
  expect(resources.get(stack.hub.id)?.properties).toMatchObject({
    disableLocalAuth: true,
    minTlsVersion: "1.2",
  });
  expect(resources.get(stack.api.id)?.properties).toMatchObject({ path: "flow", type: "http" });
});

test("resources have the outputs that the SDK declares", () => {
  const { hub, files, service, workspace } = stack;
  const name = service.inputs.serviceName as string;
  expect(service.outputs).toMatchObject({
    name,
    gatewayUrl: `https://${name}.azure-api.net`,
    identity: { type: "SystemAssigned", principalId: expect.any(String), tenantId: engine.azure.tenantId },
  });
  expect(files.outputs).toMatchObject({
    enableHttpsTrafficOnly: true,
    primaryEndpoints: { blob: `https://${files.inputs.accountName}.blob.core.windows.net/` },
  });
  expect(hub.outputs).toMatchObject({
    properties: { hostName: `${hub.inputs.resourceName}.azure-devices.net`, state: "Active" },
  });
  expect(workspace.outputs.customerId).toMatch(/^[0-9a-f-]{36}$/);
});

test("a system-assigned identity is a principal that can have roles and is deleted with its resource", async () => {
  const { principalId } = stack.service.outputs.identity as { principalId: string };
  const { access, directory } = engine.azure;
  const read = "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read";
  expect(access.allows(principalId, read, stack.table.id, "dataAction")).toBe(true);
  expect(access.allows(principalId, read, stack.files.id, "dataAction")).toBe(false);
  const other = await engine.native.create("azure-native:iothub:IotHubResource", "other", {
    resourceGroupName: "rg-terminals",
    resourceName: "other-hub",
    sku: { name: "S1" },
    identity: { type: "SystemAssigned" },
  });
  const identity = (other.outputs.identity as { principalId: string }).principalId;
  expect(directory.get(identity)).toMatchObject({ kind: "ServicePrincipal", displayName: "other-hub" });
  await engine.native.delete(other);
  expect(directory.get(identity)).toBeUndefined();
});

test("no key is in the engine's state", () => {
  const state = JSON.stringify(stack.resources);
  const keys = engine.azure.resources
    .list("Microsoft.ApiManagement/service/subscriptions")
    .flatMap(({ properties }) => [properties.primaryKey as string, properties.secondaryKey as string]);
  expect(keys).toHaveLength(4);
  for (const key of keys) expect(state).not.toContain(key);
});

test("all resources can be deleted in the order of dependencies, an immutability policy with its account", async () => {
  const immutable = [stack.immutability, stack.audit];
  for (const each of immutable)
    await expect(engine.native.delete(each), each.urn).rejects.toThrow(/immutability/);
  for (const each of [...stack.resources].reverse()) {
    if (!immutable.includes(each)) await client(each.urn).delete(each);
  }
  const left = resourceTypes.flatMap(({ type }) => engine.azure.resources.list(type)).map(({ id }) => id);
  // The deployer's own role remains.
  expect(left).toEqual([
    expect.stringMatching(/^\/subscriptions\/[^/]+\/providers\/Microsoft.Authorization\//),
  ]);
  expect(engine.azure.directory.findGroup("Example operators")).toBeUndefined();
});
