import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ObjectStore } from "../../../sandbox/entra-id/object-store.ts";
import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { createResourceManagerEndpoint } from "../../../sandbox/resource-manager/rest-api/endpoint.ts";
import { grantRole } from "../../../sandbox/services/authorization/grant-role.ts";
import { startEngine } from "../pulumi-providers/provider-client.ts";

const dayMs = 24 * 3_600_000;

let engine: Awaited<ReturnType<typeof startEngine>>;

beforeEach(async () => {
  engine = await startEngine();
  await create("resources:ResourceGroup", { location: "westeurope" });
});
afterEach(() => engine.close());

const create = (token: string, inputs: Properties) =>
  engine.native.create(`azure-native:${token}`, "example", { resourceGroupName: "example", ...inputs });

const workspace = (inputs: Properties = {}) =>
  create("operationalinsights:Workspace", { workspaceName: "log-example", ...inputs });

const apiVersions = {
  "Microsoft.OperationalInsights": "2023-09-01",
  "Microsoft.Storage": "2024-01-01",
  "Microsoft.ApiManagement": "2024-05-01",
};

/** Calls Resource Manager with a role. The path begins after the subscription. */
async function call(path: string, { method = "GET", role = "Owner", query = "" } = {}) {
  const { azure } = engine;
  const principal = azure.directory.addServicePrincipal("caller");
  grantRole(azure, principal.objectId, role);
  const { token } = await azure.tokens.issue(principal, "https://management.core.windows.net/");
  const version = Object.entries(apiVersions).find(([part]) => path.includes(part))?.[1] ?? "2024-03-01";
  const url = `https://management.azure.com/subscriptions/${azure.subscriptionId}${path}?api-version=${version}${query}`;
  const headers = { authorization: `Bearer ${token}` };
  const response = await createResourceManagerEndpoint(azure, engine.sandbox.accountKeys).fetch(
    new Request(url, { method, headers }),
  );
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

const names = ({ body }: { body: { value: { name: string }[] } }) => body.value.map(({ name }) => name);
const deletedWorkspaces = "/providers/Microsoft.OperationalInsights/deletedWorkspaces";
const deletedAccounts = "/providers/Microsoft.Storage/deletedAccounts";

// REST reference, Log Analytics, "Workspaces - Delete".
test("a workspace with the name of a deleted one in the same group and region recovers it with its settings", async () => {
  const first = await workspace({ retentionInDays: 90, tags: { owner: "a" } });
  await engine.native.delete(first);
  const second = await workspace({ tags: { owner: "b" } });
  expect(second.id).toBe(first.id);
  expect(second.outputs).toMatchObject({
    customerId: first.outputs.customerId,
    createdDate: first.outputs.createdDate,
    retentionInDays: 90,
    tags: { owner: "b" },
  });
  expect(names(await call(deletedWorkspaces))).toEqual([]);
});

test("a deleted workspace is listed under its own ID for 14 days, then its name makes a new one", async () => {
  const first = await workspace();
  await engine.native.delete(first);
  const kept = await call(deletedWorkspaces, { role: "Reader" });
  expect(kept.body.value).toEqual([
    expect.objectContaining({ id: first.id, type: "Microsoft.OperationalInsights/workspaces" }),
  ]);
  expect(names(await call(`/resourceGroups/example${deletedWorkspaces}`))).toEqual(["log-example"]);
  engine.sandbox.clock.move(14 * dayMs + 1000);
  expect(names(await call(deletedWorkspaces))).toEqual([]);
  expect((await workspace()).outputs.customerId).not.toBe(first.outputs.customerId);
});

test("the name of a deleted workspace cannot be used in another region", async () => {
  await engine.native.delete(await workspace());
  await expect(workspace({ location: "norwayeast" })).rejects.toThrow(/Code="Conflict".*westeurope/);
});

test("a workspace that is deleted with its resource group is kept", async () => {
  await workspace();
  expect((await call("/resourceGroups/example", { method: "DELETE" })).status).toBe(202);
  expect(names(await call(deletedWorkspaces))).toEqual(["log-example"]);
});

test("a deletion with the force flag keeps nothing of a workspace", async () => {
  const { id, outputs } = await workspace();
  const path = id.slice(id.indexOf("/resourceGroups"));
  expect((await call(path, { method: "DELETE", query: "&force=true" })).status).toBe(200);
  expect(names(await call(deletedWorkspaces))).toEqual([]);
  expect((await workspace()).outputs.customerId).not.toBe(outputs.customerId);
});

// api-management/soft-delete
test("an API Management service with the name of a deleted one is refused for 48 hours, or until it is purged", async () => {
  const service = () =>
    create("apimanagement:ApiManagementService", {
      serviceName: "apim-example",
      publisherEmail: "operations@example.com",
      publisherName: "Example",
      sku: { name: "BasicV2", capacity: 1 },
    });
  await engine.native.delete(await service());
  await expect(service()).rejects.toThrow(/Code="ServiceAlreadyExistsInSoftDeletedState"/);
  expect(names(await call("/providers/Microsoft.ApiManagement/deletedservices"))).toEqual(["apim-example"]);
  engine.sandbox.clock.move(2 * dayMs + 1000);
  await engine.native.delete(await service());
  await expect(service()).rejects.toThrow(/SoftDeletedState/);
  const path = "/providers/Microsoft.ApiManagement/locations/westeurope/deletedservices/apim-example";
  expect((await call(path, { method: "DELETE" })).status).toBe(200);
  await service();
});

// storage/common/storage-account-recover
test("a deleted storage account is listed for 14 days, or until a new account takes its name", async () => {
  const account = () =>
    create("storage:StorageAccount", {
      accountName: "stexample",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
    });
  const first = await account();
  await engine.native.delete(first);
  const { body } = await call(deletedAccounts);
  expect(body.value).toEqual([
    expect.objectContaining({
      name: "stexample",
      type: "Microsoft.Storage/deletedAccounts",
      properties: expect.objectContaining({ storageAccountResourceId: first.id, location: "westeurope" }),
    }),
  ]);
  await engine.native.delete(await account());
  expect(names(await call(deletedAccounts))).toEqual(["stexample"]);
  await account();
  expect(names(await call(deletedAccounts))).toEqual([]);
});

test("a caller without a role sees no soft-deleted resources", async () => {
  const denied = await call(deletedWorkspaces, { role: "Storage Blob Data Reader" });
  expect(denied).toMatchObject({ status: 403, body: { error: { code: "AuthorizationFailed" } } });
});

// "Diagnostic settings in Azure Monitor": delete the settings before the resource.
test("a diagnostic setting stays when its resource is deleted, and applies to a new resource with the same ID", async () => {
  const { id: workspaceId } = await workspace();
  const hub = () => create("iothub:IotHubResource", { resourceName: "iot-example", sku: { name: "S1" } });
  const first = await hub();
  const setting = {
    name: "logs",
    resourceUri: first.id,
    workspaceId,
    logs: [{ categoryGroup: "allLogs", enabled: true }],
  };
  const createSetting = () =>
    engine.native.create("azure-native:monitor:DiagnosticSetting", "example", setting);
  const { id } = await createSetting();
  await engine.native.delete(first);
  await hub();
  expect(engine.azure.resources.get(id)?.properties.workspaceId).toBe(workspaceId);
  await expect(createSetting()).rejects.toThrow(/already existing resource/);
});

// entra/fundamentals/recover-from-deletions
test("a deleted application and its service principal are kept for 30 days, and their names are free at once", async () => {
  const objects = new ObjectStore(engine.azure.store);
  const inputs = { displayName: `app-${randomUUID()}`, preventDuplicateNames: true };
  const application = () => engine.azuread.create("azuread:index/application:Application", "example", inputs);
  const first = await application();
  const { clientId } = first.outputs;
  await engine.azuread.create("azuread:index/servicePrincipal:ServicePrincipal", "example", {
    clientId: clientId as string,
  });
  await engine.azuread.delete(first);
  await application();
  const kept = (kind: "application" | "servicePrincipal") =>
    objects.listDeleted<{ clientId: string }>(kind, engine.sandbox.clock.now()).map((each) => each.clientId);
  expect(kept("application")).toEqual([clientId]);
  expect(kept("servicePrincipal")).toEqual([clientId]);
  engine.sandbox.clock.move(30 * dayMs + 1000);
  expect(kept("application")).toEqual([]);
});
