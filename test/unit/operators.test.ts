import { expect, test } from "vitest";
import { Operators } from "../../components/operators.ts";
import { stableGuid } from "../../components/roles.ts";
import { countTypes, deploy, find, outputValue, subscriptionId } from "./deployment.ts";

const group = "/subscriptions/s/resourceGroups/rg-flow-dev";
const terminals = "/subscriptions/s/resourceGroups/rg-terminals-dev";
const args = {
  groupName: "Fleet operators",
  applicationName: "app-terminal-operators-dev-abc123",
  ciFederations: [
    {
      name: "github-dev",
      issuer: "https://token.example.com",
      subject: "repo:example/fleet:environment:dev",
    },
    { name: "gitlab-dev", issuer: "https://gitlab.example.com", subject: "project_path:example/fleet" },
  ],
  flowKeysRoleName: "role-flow-keys-operator-dev-abc123",
  auditRoleName: "role-audit-recorder-dev-abc123",
  importRoleName: "role-terminal-importer-dev-abc123",
  subscriptionId,
  flowResourceGroupId: group,
  terminalsResourceGroupId: terminals,
  hubId: `${group}/providers/Microsoft.Devices/IotHubs/hub`,
  filesAccountId: `${group}/providers/Microsoft.Storage/storageAccounts/files`,
  importsAccountId: `${terminals}/providers/Microsoft.Storage/storageAccounts/imports`,
  auditContainerId: `${terminals}/providers/Microsoft.Storage/storageAccounts/audit/blobServices/default/containers/audit`,
  keyTableId: `${group}/providers/Microsoft.Storage/storageAccounts/keys/tableServices/default/tables/terminalkeys`,
  flowServiceId: `${group}/providers/Microsoft.ApiManagement/service/flow`,
};

test("declares one group, one application in it, a federated credential for each pipeline, and no password", async () => {
  const { resources, result } = await deploy(() => new Operators("operators", args));
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:Operators": 1,
    "azuread:index/group:Group": 1,
    "azuread:index/application:Application": 1,
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": 2,
    "azuread:index/servicePrincipal:ServicePrincipal": 1,
    "azuread:index/groupMember:GroupMember": 1,
    "azure-native:authorization:RoleDefinition": 3,
    "azure-native:authorization:RoleAssignment": 9,
  });
  expect(find(resources, "operators-group").inputs).toEqual({
    displayName: "Fleet operators",
    description: "People and pipelines that onboard, revoke and serve terminals.",
    securityEnabled: true,
    preventDuplicateNames: true,
  });
  expect(find(resources, "operators-application").inputs).toEqual({
    displayName: "app-terminal-operators-dev-abc123",
    description: "Pipelines that onboard, revoke and serve terminals.",
    signInAudience: "AzureADMyOrg",
    preventDuplicateNames: true,
  });
  expect(find(resources, "operators-service-principal").inputs).toEqual({
    clientId: "application-client-id",
  });
  expect(find(resources, "operators-application-member").inputs).toEqual({
    groupObjectId: "group-object-id",
    memberObjectId: "service-principal-object-id",
  });
  expect(find(resources, "operators-ci-github-dev").inputs).toEqual({
    applicationId: "operators-application-id",
    displayName: "github-dev",
    issuer: "https://token.example.com",
    subject: "repo:example/fleet:environment:dev",
    audiences: ["api://AzureADTokenExchange"],
  });
  expect(await outputValue(result.groupName)).toBe("Fleet operators");
  expect(await outputValue(result.applicationClientId)).toBe("application-client-id");
});

test("assigns the group the least privileged roles, each on one resource", async () => {
  const { resources } = await deploy(() => new Operators("operators", args));
  const flowKeys = find(resources, "operators-flow-keys-role").inputs.roleDefinitionId;
  const audit = find(resources, "operators-audit-role").inputs.roleDefinitionId;
  const imports = find(resources, "operators-import-role").inputs.roleDefinitionId;
  const expected: [name: string, scope: string, role: unknown][] = [
    ["hub-registry", args.hubId, "4ea46cd5-c1b2-4a8e-910b-273211f9ce47"],
    ["hub-twins", args.hubId, "494bdba2-168f-4f31-a0a1-191d2f7c028c"],
    ["hub-reader", args.hubId, "acdd72a7-3385-48ef-bd42-f606fba81ae7"],
    ["file-keys", args.filesAccountId, "81a9662b-bebf-436f-a333-f67b29880f12"],
    ["import-keys", args.importsAccountId, "81a9662b-bebf-436f-a333-f67b29880f12"],
    ["flow-rows", args.keyTableId, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"],
    ["flow-keys", args.flowServiceId, flowKeys],
    ["audit", args.auditContainerId, audit],
    ["hub-imports", args.hubId, imports],
  ];
  for (const [name, scope, role] of expected) {
    expect(find(resources, `operators-${name}`).inputs).toEqual({
      scope,
      principalId: "group-object-id",
      principalType: "Group",
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      roleAssignmentName: stableGuid(scope, "group-object-id", String(role)),
      description: expect.any(String),
    });
  }
});

// terraform-provider-azurerm issue 19916: RoleDefinitionDoesNotExist right after the definition.
test("assigns the built-in roles between the definitions of the custom roles and their assignments", async () => {
  const { resources } = await deploy(() => new Operators("operators", args));
  const after = (name: string) => find(resources, `operators-${name}`).createdAfter;
  const definitions = ["operators-flow-keys-role", "operators-audit-role", "operators-import-role"];
  const builtIn = ["hub-registry", "hub-twins", "hub-reader", "file-keys", "import-keys", "flow-rows"];
  for (const name of builtIn) expect(after(name)).toEqual(expect.arrayContaining(definitions));
  for (const name of ["flow-keys", "audit", "hub-imports"]) {
    expect(after(name)).toEqual(expect.arrayContaining(builtIn.map((each) => `operators-${each}`)));
  }
});

test("the custom role for subscription keys has no other action on the gateway", async () => {
  const { resources } = await deploy(() => new Operators("operators", args));
  expect(find(resources, "operators-flow-keys-role").inputs).toEqual({
    scope: group,
    assignableScopes: [group],
    roleDefinitionId: stableGuid(group, "terminal-fleet flow keys"),
    roleName: "role-flow-keys-operator-dev-abc123",
    roleType: "CustomRole",
    description: "Makes, reads, renews and deletes the customers' subscriptions of the Flow API.",
    permissions: [
      {
        actions: [
          "Microsoft.ApiManagement/service/read",
          "Microsoft.ApiManagement/service/apis/read",
          "Microsoft.ApiManagement/service/subscriptions/read",
          "Microsoft.ApiManagement/service/subscriptions/write",
          "Microsoft.ApiManagement/service/subscriptions/delete",
          "Microsoft.ApiManagement/service/subscriptions/listSecrets/action",
          "Microsoft.ApiManagement/service/subscriptions/regeneratePrimaryKey/action",
          "Microsoft.ApiManagement/service/subscriptions/regenerateSecondaryKey/action",
        ],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
    ],
  });
});

test("the custom role for the audit log reads and appends, and can neither change nor delete", async () => {
  const { resources } = await deploy(() => new Operators("operators", args));
  const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
  expect(find(resources, "operators-audit-role").inputs).toMatchObject({
    scope: terminals,
    assignableScopes: [terminals],
    roleName: "role-audit-recorder-dev-abc123",
    permissions: [
      {
        actions: [],
        notActions: [],
        dataActions: [`${blobs}/read`, `${blobs}/add/action`],
        notDataActions: [],
      },
    ],
  });
});

test("the custom role for import jobs has no other action on the IoT Hub", async () => {
  const { resources } = await deploy(() => new Operators("operators", args));
  const jobs = "Microsoft.Devices/IotHubs/jobs";
  expect(find(resources, "operators-import-role").inputs).toMatchObject({
    scope: terminals,
    assignableScopes: [terminals],
    roleName: "role-terminal-importer-dev-abc123",
    permissions: [
      { actions: [], notActions: [], dataActions: [`${jobs}/read`, `${jobs}/write`], notDataActions: [] },
    ],
  });
});

test("the name of an assignment follows from scope, principal and role, ignoring case", () => {
  // uuid5(NAMESPACE_URL, "/a|b|c") in any library of RFC 9562.
  expect(stableGuid("/A", "b", "C")).toBe(stableGuid("/a", "B", "c"));
  expect(stableGuid("/a", "b", "c")).toBe("8d333f65-5343-5287-938c-4deeadf34c95");
  expect(stableGuid("/a", "b", "d")).not.toBe(stableGuid("/a", "b", "c"));
});
