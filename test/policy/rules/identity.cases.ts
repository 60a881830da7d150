import { added, type Change, edit, type Refusal, refusals, set } from "../changes.ts";
import { roleId, terminalsGroupId } from "./role-ids.ts";

const provider = "azure-native:authorization";

/** Built-in roles that give more access than a task needs. */
const wideRoles: Record<string, string> = {
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "Reader and Data Access": "c12c1c16-33a1-487b-954d-41c89c60f349",
  "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
  "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
};

const wideActions = [
  "Microsoft.ApiManagement/service/*",
  "Microsoft.Authorization/roleAssignments/write",
  "Microsoft.Authorization/roleAssignments/delete",
  "Microsoft.Authorization/elevateAccess/Action",
  "Microsoft.Resources/deployments/write",
  "Microsoft.Storage/storageAccounts/listKeys/action",
];

/** One refusal for each item, with a title that names it. */
const forEach = <Item>(
  items: Item[],
  title: (item: Item) => string,
  refusal: (item: Item) => [string, Change],
): Record<string, [string, Change]> => Object.fromEntries(items.map((item) => [title(item), refusal(item)]));

const resourceRefusals: Refusal[] = [
  ...refusals("role-assignment-least-privilege", {
    ...forEach(
      Object.entries(wideRoles),
      ([name]) => `an assignment of the role ${name}`,
      ([, guid]) => edit("operators-hub-reader", "roleDefinitionId", roleId(guid)),
    ),
    "a role on a resource group": edit("operators-hub-registry", "scope", terminalsGroupId),
    "a role on a subscription": edit("operators-hub-registry", "scope", "/subscriptions/s"),
    "a role with a condition": edit("operators-hub-registry", "condition", "@Resource"),
  }),
  ...refusals("role-definition-least-privilege", {
    ...forEach(
      wideActions,
      (action) => `a custom role with the action ${action}`,
      (action) => edit("operators-flow-keys-role", "permissions.0.actions.0", action),
    ),
    "a custom role that deletes blobs": edit(
      "operators-audit-role",
      "permissions.0.dataActions.1",
      "Microsoft.Storage/*/blobs/delete",
    ),
    "a custom role that is assignable in a subscription": edit(
      "operators-flow-keys-role",
      "assignableScopes",
      ["/subscriptions/s"],
    ),
  }),
  ...refusals("role-assignment-no-pim", {
    "an eligible role": added(`${provider}:PimRoleEligibilitySchedule`),
    "a role with an end date": added(`${provider}:PimRoleAssignmentSchedule`),
  }),
  ...refusals("role-assignment-principal-type", {
    "a role of a user": edit("operators-hub-twins", "principalType", "User"),
    "a role without a principal type": edit("operators-hub-twins", "principalType", undefined),
  }),
  ...refusals("role-assignment-stable-name", {
    "a role assignment without a name": edit("flow-reads-keys", "roleAssignmentName", undefined),
    "a role assignment with a random name": edit(
      "flow-reads-keys",
      "roleAssignmentName",
      "3d5c9e0a-1b1e-4f6e-9a53-0d6a3f0b8a11",
    ),
  }),
  ...refusals("application-single-tenant", {
    "an application for several tenants": edit(
      "operators-application",
      "signInAudience",
      "AzureADMultipleOrgs",
    ),
  }),
  ...refusals("federated-credential-one-pipeline", {
    "an issuer with an http URL": edit(
      "operators-ci-github-dev",
      "issuer",
      "http://token.actions.githubusercontent.com",
    ),
    "a second audience": edit("operators-ci-github-dev", "audiences", [
      "api://AzureADTokenExchange",
      "everybody",
    ]),
    "a subject that is every pull request": edit(
      "operators-ci-github-dev",
      "subject",
      "repo:example-org/terminal-fleet:pull_request",
    ),
    "an empty subject": edit("operators-ci-github-dev", "subject", ""),
  }),
];

const ownershipRefusals: Refusal[] = [
  ...refusals("operators-group-members", {
    "a membership of a user": added(
      "azuread:index/groupMember:GroupMember",
      { memberObjectId: "user-id" },
      { groupObjectId: "operators-group" },
    ),
    "a group that lists its members": edit("operators-group", "members", ["user-id"]),
  }),
  ...refusals("identity-from-stack", {
    "a service principal of an application outside the stack": [
      "operators-service-principal",
      set("operators-service-principal", "clientId", "outside-client-id"),
    ],
    "a credential of an application outside the stack": [
      "operators-ci-github-dev",
      set("operators-ci-github-dev", "applicationId", "/applications/outside"),
    ],
    "a membership in a group outside the stack": [
      "operators-application-member",
      set("operators-application-member", "groupObjectId", "outside-object-id"),
    ],
  }),
];

export const identityRefusals: Refusal[] = [...resourceRefusals, ...ownershipRefusals];
