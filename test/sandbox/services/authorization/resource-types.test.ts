import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../sandbox/pulumi-providers/provider.ts";
import { resourceTypes } from "../../../../sandbox/resource-manager/resource-type-registry.ts";
import { matches } from "../../../../sandbox/services/authorization/access-control.ts";
import { grantableOperations } from "../../../../sandbox/services/authorization/operations.ts";
import { builtInRoles } from "../../../../sandbox/services/authorization/roles.ts";
import { startEngine } from "../../pulumi-providers/provider-client.ts";

const reader = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
const owner = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

let engine: Awaited<ReturnType<typeof startEngine>>;
let scope: string;
let principalId: string;

beforeAll(async () => {
  engine = await startEngine();
  for (const name of ["example", "other"]) {
    await engine.native.create("azure-native:resources:ResourceGroup", name, {
      resourceGroupName: name,
      location: "westeurope",
    });
  }
  scope = `/subscriptions/${engine.azure.subscriptionId}/resourceGroups/example`;
  principalId = engine.azure.directory.addServicePrincipal("reader").objectId;
});

afterAll(() => engine.close());

const assign = (changes: Properties = {}) =>
  engine.native.create("azure-native:authorization:RoleAssignment", randomUUID(), {
    roleAssignmentName: randomUUID(),
    scope,
    principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: reader,
    ...changes,
  });

test.each([
  ["a name that is not a GUID", () => ({ roleAssignmentName: "mine" }), "InvalidRoleAssignmentId"],
  ["a principal that is not in the directory", () => ({ principalId: randomUUID() }), "PrincipalNotFound"],
  ["the SDK's default principal type", () => ({ principalType: "User" }), "UnmatchedPrincipalType"],
  [
    "a role that does not exist",
    () => ({ roleDefinitionId: `/x/${randomUUID()}` }),
    "RoleDefinitionDoesNotExist",
  ],
  ["a group that does not exist", () => ({ scope: `${scope}x` }), "ResourceGroupNotFound"],
  [
    "a resource that does not exist",
    () => ({ scope: `${scope}/providers/Microsoft.Devices/IotHubs/nothing` }),
    "ParentResourceNotFound",
  ],
  ["another subscription", () => ({ scope: `/subscriptions/${randomUUID()}` }), "SubscriptionNotFound"],
  ["a condition", () => ({ condition: "true", conditionVersion: "2.0" }), "NotInSandbox"],
  ["a condition's version", () => ({ conditionVersion: "2.0" }), "NotInSandbox"],
])("a role assignment with %s is refused", async (_, changes, code) => {
  await expect(assign(changes())).rejects.toThrow(`Code="${code}"`);
});

test("a second assignment of a role is refused, and principal and role of an assignment cannot be changed", async () => {
  const assignment = await assign();
  await expect(assign()).rejects.toThrow("RoleAssignmentExists");
  const { inputs } = assignment;
  expect(await engine.native.diff(assignment, { ...inputs, principalId: "other" })).toMatchObject({
    replaces: ["principalId"],
  });
  await expect(engine.native.update(assignment, { ...inputs, roleDefinitionId: owner })).rejects.toThrow(
    "RoleAssignmentUpdateNotPermitted",
  );
  const described = await engine.native.update(assignment, { ...inputs, description: "reads" });
  expect(described.outputs).toMatchObject({ description: "reads", createdBy: engine.deployer.objectId });
  const { access } = engine.azure;
  const read = () => access.allows(principalId, "Microsoft.Devices/IotHubs/read", `${scope}/x`, "action");
  expect(read()).toBe(true);
  await engine.native.delete(assignment);
  expect(read()).toBe(false);
});

const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const define = (changes: Properties = {}) =>
  engine.native.create("azure-native:authorization:RoleDefinition", randomUUID(), {
    roleDefinitionId: randomUUID(),
    scope,
    roleName: `role ${randomUUID()}`,
    assignableScopes: [scope],
    permissions: [
      { actions: ["Microsoft.Devices/IotHubs/*"], notActions: ["Microsoft.Devices/IotHubs/delete"] },
    ],
    ...changes,
  });

test.each([
  ["a name that is not a GUID", () => ({ roleDefinitionId: "mine" }), "InvalidRoleDefinitionId"],
  ["no assignable scopes", () => ({ assignableScopes: [] }), "InvalidAssignableScopes"],
  ["a scope that does not exist", () => ({ assignableScopes: [`${scope}x`] }), "LinkedInvalidPropertyId"],
  [
    "an invalid action",
    () => ({ permissions: [{ actions: ["read everything"] }] }),
    "InvalidActionOrNotAction",
  ],
  [
    "a data action among the actions",
    () => ({ permissions: [{ actions: [`${blobs}/read`] }] }),
    "InvalidActionOrNotAction",
  ],
  [
    "an action among the data actions",
    () => ({ permissions: [{ notDataActions: ["Microsoft.Devices/IotHubs/write"] }] }),
    "InvalidDataActionOrNotDataAction",
  ],
  [
    "an unknown action",
    () => ({ permissions: [{ actions: ["Microsoft.Nonsense/foo/bar/read"] }] }),
    "NotInSandbox",
  ],
  [
    "an unknown data action",
    () => ({ permissions: [{ dataActions: ["Microsoft.Devices/IotHubs/devices/explode/action"] }] }),
    "NotInSandbox",
  ],
  ["another type", () => ({ roleType: "BuiltInRole" }), "InvalidRoleType"],
])("a custom role with %s is refused", async (_, changes, code) => {
  await expect(define(changes())).rejects.toThrow(`Code="${code}"`);
});

test("a custom role grants its actions within its assignable scopes, and cannot be deleted while it is assigned", async () => {
  const role = await define();
  await expect(define({ roleName: role.inputs.roleName as string })).rejects.toThrow(
    "RoleDefinitionWithSameNameExists",
  );
  await expect(
    assign({ scope: scope.replace("example", "other"), roleDefinitionId: role.id }),
  ).rejects.toThrow("RoleDefinitionDoesNotExist");
  const assignment = await assign({ roleDefinitionId: role.id });
  const may = (action: string) =>
    engine.azure.access.allows(principalId, `Microsoft.Devices/IotHubs/${action}`, `${scope}/x`, "action");
  expect([may("read"), may("write"), may("delete")]).toEqual([true, true, false]);
  await expect(engine.native.delete(role)).rejects.toThrow("RoleDefinitionHasAssignments");
  await engine.native.delete(assignment);
  await engine.native.delete(role);
});

test("a custom role does not grant its notDataActions", async () => {
  const tables = "Microsoft.Storage/storageAccounts/tableServices/tables/entities";
  const role = await define({
    permissions: [{ dataActions: [`${tables}/*`], notDataActions: [`${tables}/delete`] }],
  });
  await assign({ roleDefinitionId: role.id });
  const may = (action: string) =>
    engine.azure.access.allows(principalId, `${tables}/${action}`, `${scope}/x`, "dataAction");
  expect([may("read"), may("delete")]).toEqual([true, false]);
});

test("a custom role can grant every operation of the built-in roles", () => {
  for (const kind of ["action", "dataAction"] as const) {
    const known = grantableOperations(kind, resourceTypes);
    const unknown = builtInRoles
      .flatMap((role) => (kind === "action" ? [role.actions, role.notActions] : [role.dataActions]))
      .flatMap((actions) => actions ?? [])
      .filter((action) => !known.some((operation) => matches(action, operation)));
    expect(unknown).toEqual(kind === "action" ? ["Microsoft.Authorization/elevateAccess/Action"] : []);
  }
});
