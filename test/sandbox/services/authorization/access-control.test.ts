import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { TestSandbox } from "../../../support/test-sandbox.ts";

const sandbox = await TestSandbox.start({});
afterAll(() => sandbox[Symbol.asyncDispose]());
const { azure } = sandbox;
const scope = `/subscriptions/${azure.subscriptionId}/resourceGroups/example`;
const action = "Microsoft.Devices/IotHubs/devices/read";

/** Writes a custom role with these data actions. */
function writeRole(guid: string, dataActions: string[], notDataActions: string[] = []): string {
  const id = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
  azure.resources.put({
    id,
    type: "Microsoft.Authorization/roleDefinitions",
    name: guid,
    properties: { roleName: guid, assignableScopes: [scope], permissions: [{ dataActions, notDataActions }] },
  });
  return id;
}

function assign(principalId: string, roleDefinitionId: string): string {
  const name = randomUUID();
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  azure.resources.put({
    id,
    type: "Microsoft.Authorization/roleAssignments",
    name,
    properties: { principalId, roleDefinitionId, scope },
  });
  return id;
}

const newPrincipal = () => azure.directory.addServicePrincipal("reader").objectId;

test("an assignment counts from its creation to its deletion", () => {
  const principal = newPrincipal();
  const role = writeRole(randomUUID(), ["Microsoft.Devices/*/read"]);
  expect(azure.access.allows(principal, action, scope, "dataAction")).toBe(false);
  const assignment = assign(principal, role);
  expect(azure.access.allows(principal, action, scope, "dataAction")).toBe(true);
  azure.resources.delete(assignment);
  expect(azure.access.allows(principal, action, scope, "dataAction")).toBe(false);
});

test("a changed role definition counts for existing assignments at once", () => {
  const principal = newPrincipal();
  const guid = randomUUID();
  assign(principal, writeRole(guid, ["Microsoft.Devices/*"]));
  expect(azure.access.allows(principal, action, scope, "dataAction")).toBe(true);
  writeRole(guid, ["Microsoft.Devices/*"], ["Microsoft.Devices/IotHubs/devices/*"]);
  expect(azure.access.allows(principal, action, scope, "dataAction")).toBe(false);
});

test("an assignment counts at its scope and below, and for its kind of action only", () => {
  const principal = newPrincipal();
  assign(principal, writeRole(randomUUID(), ["microsoft.devices/iothubs/DEVICES/read"]));
  const hub = `${scope}/providers/Microsoft.Devices/IotHubs/example`;
  expect(azure.access.allows(principal, action, hub, "dataAction")).toBe(true);
  expect(azure.access.allows(principal, action, `${scope}-other`, "dataAction")).toBe(false);
  expect(azure.access.allows(principal, action, hub, "action")).toBe(false);
});

test("the members of a group have its roles as long as they are members", () => {
  const member = newPrincipal();
  const groupId = randomUUID();
  azure.directory.put({ objectId: groupId, kind: "Group", displayName: "readers" });
  azure.directory.addMember(groupId, member);
  assign(groupId, writeRole(randomUUID(), [action]));
  expect(azure.access.allows(member, action, scope, "dataAction")).toBe(true);
  azure.directory.removeMember(groupId, member);
  expect(azure.access.allows(member, action, scope, "dataAction")).toBe(false);
});
