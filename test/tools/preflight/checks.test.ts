import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ObjectStore } from "../../../sandbox/entra-id/object-store.ts";
import { ResourceManager } from "../../../sandbox/resource-manager/resource-manager.ts";
import { writeConditions } from "../../../sandbox/resource-manager/subscription-conditions.ts";
import { azurePolicyCheck } from "../../../tools/preflight/checks/azure-policy.ts";
import { directoryRoleCheck } from "../../../tools/preflight/checks/directory-roles.ts";
import { flowApplicationCheck } from "../../../tools/preflight/checks/flow-application.ts";
import { groupNameCheck } from "../../../tools/preflight/checks/group-name.ts";
import { nameCheck } from "../../../tools/preflight/checks/names.ts";
import { resourceProviderCheck } from "../../../tools/preflight/checks/resource-providers.ts";
import { rightsCheck } from "../../../tools/preflight/checks/rights.ts";
import { skuCheck } from "../../../tools/preflight/checks/skus.ts";
import { softDeletedCheck } from "../../../tools/preflight/checks/soft-deleted.ts";
import { subscriptionCheck } from "../../../tools/preflight/checks/subscription.ts";
import {
  exampleApiManagement,
  exampleGroup,
  exampleStorageAccount,
} from "../../support/example-resources.ts";
import type { TestSandbox } from "../../support/test-sandbox.ts";
import { declared, runCheck, startAzure } from "./check-inputs.ts";

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startAzure();
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
});

beforeEach(() => {
  const { resources, store } = sandbox.azure;
  writeConditions(sandbox.azure, {});
  for (const { key } of store.db.prepare("SELECT key FROM arm_resources").all())
    resources.delete(key as string);
});

const account = "Microsoft.Storage/storageAccounts";
const service = "Microsoft.ApiManagement/service";
const workspace = "Microsoft.OperationalInsights/workspaces";
const group = "Microsoft.Resources/subscriptions/resourceGroups";
const roleAssignment = "Microsoft.Authorization/roleAssignments";

const unreadable = { kind: "unreadable", reason: "not logged in" } as const;
const owning = (...ids: string[]) => ({
  kind: "deployed" as const,
  ids: new Set(ids.map((id) => id.toLowerCase())),
  groupNames: new Set<string>(),
});

function putGroup(name: string): string {
  const id = `/subscriptions/${sandbox.azure.subscriptionId}/resourceGroups/${name}`;
  const type = "Microsoft.Resources/resourceGroups";
  sandbox.azure.resources.put({ id, type, name, location: "westeurope", properties: {} });
  return id;
}

/** Deletes a resource as its owner. */
function remove(id: string): void {
  const owner = sandbox.principal({ role: "Owner" });
  new ResourceManager(sandbox.azure, owner.objectId).delete(id);
}

describe("subscription", () => {
  test.each([
    [{}, "passed"],
    [{ state: "Disabled" }, "failed"],
    [{ spendingLimit: "On" }, "couldNotTell"],
  ])("with %j is %s", async (conditions, result) => {
    writeConditions(sandbox.azure, conditions);
    expect(await runCheck(subscriptionCheck, sandbox)).toMatchObject({ result });
  });

  test("a caller without any role in it could not tell", async () => {
    const finding = await runCheck(subscriptionCheck, sandbox, { grants: [] });
    expect(finding).toMatchObject({
      result: "couldNotTell",
      reason: expect.stringContaining("AuthorizationFailed"),
    });
  });
});

describe("rights", () => {
  const resources = [declared(account, "files"), declared(roleAssignment, undefined)];

  test("of an owner pass, also where a group has the role", async () => {
    expect(await runCheck(rightsCheck, sandbox, { resources })).toMatchObject({ result: "passed" });
    const { directory } = sandbox.azure;
    const owners = {
      objectId: "11111111-1111-1111-1111-111111111111",
      kind: "Group" as const,
      displayName: "Owners",
    };
    directory.put(owners);
    sandbox.assign(owners.objectId, { role: "Owner" });
    const addMember = directory.listWithGroups.bind(directory);
    directory.listWithGroups = (id) => [...addMember(id), owners.objectId];
    try {
      expect(await runCheck(rightsCheck, sandbox, { resources, grants: [] })).toMatchObject({
        result: "passed",
      });
    } finally {
      directory.listWithGroups = addMember;
    }
  });

  test("of a contributor fail with the role that is missing, because Contributor excludes role assignments", async () => {
    const grants = [{ role: "Contributor" }];
    const finding = await runCheck(rightsCheck, sandbox, { resources, grants });
    expect(finding).toMatchObject({ result: "failed", details: [`${roleAssignment}/write`] });
    expect(String(finding.remedy)).toContain('--role "User Access Administrator"');
    expect(String(finding.remedy)).not.toContain('--role "Contributor"');
  });

  test("of a contributor who is also User Access Administrator pass", async () => {
    const grants = [{ role: "Contributor" }, { role: "User Access Administrator" }];
    expect(await runCheck(rightsCheck, sandbox, { resources, grants })).toMatchObject({ result: "passed" });
  });

  test("of a caller who may not list permissions could not be told", async () => {
    expect(await runCheck(rightsCheck, sandbox, { resources, grants: [] })).toMatchObject({
      result: "couldNotTell",
    });
  });
});

describe("directory roles", () => {
  test.each([
    [["Application.ReadWrite.All", "Group.ReadWrite.All"], "passed", ""],
    [["Directory.ReadWrite.All"], "passed", ""],
    [["Application.ReadWrite.All"], "failed", "Group.ReadWrite.All"],
    [[], "failed", "Application.ReadWrite.All and Group.ReadWrite.All"],
  ])("of an application with the permissions %j: %s", async (appRoles, result, missing) => {
    const finding = await runCheck(directoryRoleCheck, sandbox, { appRoles });
    expect(finding).toMatchObject({ result, reason: expect.stringContaining(missing) });
  });

  const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
  const groupsAdministrator = "fdd7a751-b60b-444a-984c-02652fe8fa1c";
  const everyMember = "b79fbf4d-3ef9-4689-8143-76b194e85509";

  test("of a person pass with both roles, or where every member may create both", async () => {
    const person = { wids: [applicationAdministrator, groupsAdministrator, everyMember] };
    sandbox.azure.directory.membersMayCreate = {
      allowedToCreateApps: false,
      allowedToCreateSecurityGroups: false,
    };
    expect(await runCheck(directoryRoleCheck, sandbox, { person })).toMatchObject({ result: "passed" });
    const member = { wids: [everyMember, applicationAdministrator] };
    expect(await runCheck(directoryRoleCheck, sandbox, { person: member })).toMatchObject({
      result: "failed",
      reason: "the deployer may not create groups",
    });
    sandbox.azure.directory.membersMayCreate = {
      allowedToCreateApps: true,
      allowedToCreateSecurityGroups: true,
    };
    expect(await runCheck(directoryRoleCheck, sandbox, { person: member })).toMatchObject({
      result: "passed",
    });
  });

  test("of a person whose token does not name them could not be told", async () => {
    expect(await runCheck(directoryRoleCheck, sandbox, { person: { wids: undefined } })).toMatchObject({
      result: "couldNotTell",
    });
  });
});

test("a provider that is not registered fails, and Azure Policy cannot be asked without its own", async () => {
  const resources = [declared(account, "files", { location: "westeurope" })];
  writeConditions(sandbox.azure, {
    unregisteredProviders: ["microsoft.storage", "Microsoft.PolicyInsights"],
  });
  expect(await runCheck(resourceProviderCheck, sandbox, { resources })).toMatchObject({ result: "failed" });
  const finding = await runCheck(azurePolicyCheck, sandbox, { resources });
  expect(finding.result).toBe("couldNotTell");
  expect(String(finding.remedy)).toContain(
    "az provider register --namespace Microsoft.PolicyInsights --wait",
  );
});

test("a policy denies by type, location and tag, and no other resource", async () => {
  const policy = {
    name: "owner",
    displayName: "An owner is named",
    if: {
      allOf: [
        { field: "location", in: ["westeurope"] },
        { field: "tags['owner']", exists: false },
      ],
    },
  };
  writeConditions(sandbox.azure, { policies: [policy] });
  const here = { location: "westeurope", tags: { owner: "operations" } };
  const tagged = declared(account, "tagged", here);
  expect(await runCheck(azurePolicyCheck, sandbox, { resources: [tagged] })).toMatchObject({
    result: "passed",
  });
  const resources = [tagged, declared(account, "untagged", { location: "westeurope" })];
  expect(await runCheck(azurePolicyCheck, sandbox, { resources })).toMatchObject({
    result: "failed",
    reason: "Azure Policy denies 1 declared resource",
    details: [expect.stringContaining('example-untagged is denied by "An owner is named"')],
  });
});

describe("SKUs", () => {
  test.each([
    ["BasicV2", "norwayeast", {}, "passed"],
    ["BasicV2", "polandcentral", {}, "failed"],
    ["PremiumV2", "norwayeast", {}, "couldNotTell"],
    ["BasicV2", "norwayeast", { restrictedSkus: [{ sku: "BasicV2", region: "Norway East" }] }, "failed"],
  ])("%s in %s with %j: %s", async (name, location, conditions, result) => {
    writeConditions(sandbox.azure, conditions);
    const resources = [declared(service, undefined, { location, sku: { name } })];
    expect(await runCheck(skuCheck, sandbox, { resources })).toMatchObject({ result });
  });
});

describe("names", () => {
  test("a resource group that exists is the stack's own, a leftover, or could not be told", async () => {
    const resources = [declared(group, "rg-terminals-dev")];
    expect(await runCheck(nameCheck, sandbox, { resources })).toMatchObject({ result: "passed" });
    const id = putGroup("rg-terminals-dev");
    expect(await runCheck(nameCheck, sandbox, { resources, state: owning(id) })).toMatchObject({
      result: "passed",
    });
    expect(await runCheck(nameCheck, sandbox, { resources })).toMatchObject({ result: "failed" });
    expect(await runCheck(nameCheck, sandbox, { resources, state: unreadable })).toMatchObject({
      result: "couldNotTell",
      reason: expect.stringContaining("not logged in"),
    });
  });

  test("a fixed name that another resource in Azure has fails", async () => {
    const { azure } = sandbox;
    azure.resources.put(exampleStorageAccount(azure.subscriptionId, "taken"));
    const resources = [declared(account, "taken"), declared(account, "free"), declared(account, undefined)];
    expect(await runCheck(nameCheck, sandbox, { resources })).toMatchObject({
      result: "failed",
      reason: expect.stringContaining(`the name taken of ${account} is taken`),
    });
    const state = owning(`${exampleGroup(azure.subscriptionId)}/providers/${account}/taken`);
    expect(await runCheck(nameCheck, sandbox, { resources, state })).toMatchObject({ result: "passed" });
  });

  test("a group in Entra ID with the operators' name fails, unless it is the stack's or cannot be looked up", async () => {
    const name = "Operators' group (dev)";
    const groupNames = [name];
    expect(await runCheck(groupNameCheck, sandbox, { groupNames })).toMatchObject({ result: "passed" });
    const objects = new ObjectStore(sandbox.azure.store);
    objects.put("group", "22222222-2222-2222-2222-222222222222", { displayName: name });
    expect(await runCheck(groupNameCheck, sandbox, { groupNames })).toMatchObject({ result: "failed" });
    const state = { ...owning(), groupNames: new Set([name]) };
    expect(await runCheck(groupNameCheck, sandbox, { groupNames, state })).toMatchObject({
      result: "passed",
    });
    expect(await runCheck(groupNameCheck, sandbox, { groupNames, appRoles: [] })).toMatchObject({
      result: "couldNotTell",
      reason: expect.stringContaining("Authorization_RequestDenied"),
    });
  });
});

test("the Flow API's application exists in the tenant, or is missing with the form that a new one can have", async () => {
  const objects = new ObjectStore(sandbox.azure.store);
  const clientId = "33333333-3333-3333-3333-333333333333";
  objects.put("application", "flow", {
    clientId,
    displayName: "Flow",
    identifierUris: [`api://${clientId}`],
  });
  const settings = { flowApiAudience: `api://${clientId}` };
  expect(await runCheck(flowApplicationCheck, sandbox, { settings })).toMatchObject({ result: "passed" });
  const missing = await runCheck(flowApplicationCheck, sandbox, {
    settings: { flowApiAudience: "api://flow-x" },
  });
  expect(missing).toMatchObject({ result: "failed", reason: expect.stringContaining("AADSTS500011") });
  expect(String(missing.remedy)).toContain("api://CLIENT-ID");
  expect(await runCheck(flowApplicationCheck, sandbox)).toMatchObject({ result: "couldNotTell" });
});

describe("what Azure keeps of deleted resources", () => {
  test("a deleted service reserves its name: it stands in the way of a stack that has this name only", async () => {
    const { azure } = sandbox;
    putGroup("example");
    const deleted = exampleApiManagement(azure.subscriptionId, "apim-flow-dev");
    azure.resources.put(deleted);
    remove(deleted.id);
    const others = [declared(service, undefined)];
    expect(await runCheck(softDeletedCheck, sandbox, { resources: others })).toMatchObject({
      result: "passed",
      reason: "1 deleted resource kept in this subscription, none with a name of this stack",
    });
    const resources = [declared(service, "apim-flow-dev")];
    const finding = await runCheck(softDeletedCheck, sandbox, { resources });
    expect(finding.result).toBe("failed");
    expect(String(finding.remedy)).toContain(
      "az apim deletedservice purge --service-name apim-flow-dev --location norwayeast",
    );
    expect(await runCheck(nameCheck, sandbox, { resources })).toMatchObject({ result: "failed" });
  });

  test("a deleted workspace with the stack's name fails, with how to delete it for good", async () => {
    const { azure } = sandbox;
    putGroup("example");
    const id = `${exampleGroup(azure.subscriptionId)}/providers/${workspace}/log-terminals-dev`;
    azure.resources.put({
      id,
      type: workspace,
      name: "log-terminals-dev",
      location: "westeurope",
      properties: {},
    });
    remove(id);
    const finding = await runCheck(softDeletedCheck, sandbox, { state: owning(id) });
    expect(finding.result).toBe("failed");
    expect(String(finding.remedy)).toContain(
      "--resource-group example --workspace-name log-terminals-dev --force true",
    );
    expect(await runCheck(softDeletedCheck, sandbox)).toMatchObject({ result: "passed" });
  });
});
