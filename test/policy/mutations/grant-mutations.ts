import type { EngineResource } from "../pack.ts";
import { type Mutation, mutate } from "./mutation.ts";

/** Roles that give more than any task of the fleet needs. */
const wideRoles: Record<string, string> = {
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
  "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  "IoT Hub Data Contributor": "4fc6c259-987e-4a07-842e-c321cc9d413f",
};

const principals = [
  "deployer-object-id",
  "outside-object-id",
  "service-principal-object-id",
  "gateway-object-id",
];

const wideActions = [
  "*",
  "*/read",
  "Microsoft.Authorization/*",
  "Microsoft.Storage/storageAccounts/listKeys/action",
];

/** Each grant widened: its role, its scope, its principal and the actions of the custom roles. */
export const mutateGrants = (fleet: EngineResource[]): Mutation[] => [
  ...ofType(fleet, "RoleAssignment").flatMap((assignment) => [
    ...widerRoles(fleet, assignment),
    ...widerScopes(fleet, assignment),
    ...otherPrincipals(assignment),
  ]),
  ...ofType(fleet, "RoleDefinition").flatMap(widerActions),
];

const ofType = (fleet: EngineResource[], type: string) =>
  fleet.filter((each) => each.type.endsWith(`:${type}`));

/** Sets a property of an assignment, once with its dependencies and once without. */
function setBoth(resource: EngineResource, property: string, value: string, becomes: string): Mutation[] {
  const words = { kind: "granted", path: property, becomes } as const;
  const edit = (copy: EngineResource) => {
    copy.properties[property] = value;
  };
  return [
    mutate(resource, { ...words, becomes: `${becomes} through apply` }, edit),
    mutate(resource, words, (copy) => {
      edit(copy);
      copy.dependencies[property] = [];
    }),
  ];
}

function widerRoles(fleet: EngineResource[], assignment: EngineResource): Mutation[] {
  const own = String(assignment.properties.roleDefinitionId);
  const withGuid = (guid: string) => own.replace(/[^/]+$/, guid);
  const assigned = ofType(fleet, "RoleAssignment").map(({ properties }) =>
    String(properties.roleDefinitionId),
  );
  return [
    ...Object.entries(wideRoles).flatMap(([name, guid]) =>
      setBoth(assignment, "roleDefinitionId", withGuid(guid), `to ${name}`),
    ),
    ...[...new Set(assigned)]
      .filter((role) => role !== own)
      .flatMap((role) =>
        setBoth(assignment, "roleDefinitionId", role, `to the role ${role.split("/").at(-1)}`),
      ),
  ];
}

function widerScopes(fleet: EngineResource[], assignment: EngineResource): Mutation[] {
  const own = String(assignment.properties.scope);
  const [subscription] = /^\/subscriptions\/[^/]+/.exec(own) ?? [""];
  const [group] = /^.*?\/resourceGroups\/[^/]+/.exec(own) ?? [""];
  const [account] = /^.*?\/storageAccounts\/[^/]+/.exec(own) ?? [own];
  const assigned = ofType(fleet, "RoleAssignment").map(({ properties }) => String(properties.scope));
  const wider = [subscription, group, account, "/", "/providers/Microsoft.Management/managementGroups/root"];
  return [...new Set([...wider, ...assigned])]
    .filter((scope) => scope !== own)
    .flatMap((scope) =>
      setBoth(assignment, "scope", scope, `to ${scope.split("/").slice(-3).join("/") || "/"}`),
    );
}

const otherPrincipals = (assignment: EngineResource): Mutation[] =>
  [...principals, "group-object-id"]
    .filter((principal) => principal !== assignment.properties.principalId)
    .flatMap((principal) => setBoth(assignment, "principalId", principal, `to ${principal}`));

function widerActions(definition: EngineResource): Mutation[] {
  return wideActions.flatMap((action) =>
    (["actions", "dataActions"] as const).map((kind) =>
      mutate(
        definition,
        { kind: "granted", path: `permissions.${kind}`, becomes: `with ${action}` },
        (copy) => {
          const [permission] = copy.properties.permissions as Record<string, string[]>[];
          permission![kind] = [...permission![kind]!, action];
        },
      ),
    ),
  );
}
