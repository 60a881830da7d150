import { builtIn, custom } from "../allowlists/role-assignments.ts";
import { all, type Check, property, type ResourceRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, items, unknown, type Value } from "../engine/value.ts";

/** A GUID that is made from what it stands for (version 5 of RFC 9562), so that it is the same every time. */
const derivedGuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

const builtInGuids = new Set<string>(Object.values(builtIn));

/** What a scope's path goes on with after the provider: a single resource, or something in one. */
const withinProvider = (scope: Value): string | undefined =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/([^/]+\/[^/]+\/[^/].*)$/i.exec(
    String(scope),
  )?.[1];

/** GUID of the role that an assignment gives. */
export function guidOf(roleDefinitionId: Value): string | typeof unknown {
  return roleDefinitionId === unknown
    ? unknown
    : String(roleDefinitionId ?? "")
        .split("/")
        .at(-1)!
        .toLowerCase();
}

/** A role is one of the needed built-in ones, or of the stack's own: Azure's own GUIDs are random (version 4). */
const isNeededRole: Check = ({ properties }) => {
  const guid = guidOf(at(properties, "roleDefinitionId"));
  return guid === unknown || builtInGuids.has(guid) || derivedGuid.test(guid)
    ? []
    : [`the role ${guid || "that it does not name"} is none that the work takes.`];
};

/** What the stack's own roles may hold, in lower case: Azure does not tell cases apart. */
const allowed = (kind: "actions" | "dataActions") =>
  new Set<string>(Object.values(custom).flatMap((role) => role[kind].map((action) => action.toLowerCase())));

const narrowActions: Check = ({ properties }) =>
  items(at(properties, "permissions")).flatMap((permission) =>
    (["actions", "dataActions"] as const).flatMap((kind) =>
      items(at(permission, kind))
        .filter((action) => typeof action === "string" && !allowed(kind).has(action.toLowerCase()))
        .map((action) => `the action "${String(action)}" is none that the work takes.`),
    ),
  );

/** Nobody may do more than the work takes. */
export const roleRules: ResourceRule[] = [
  {
    name: "roles-no-wider-than-needed",
    reason: "A role that is too wide lets one lost sign-in reach everything.",
    remedy: "Give a role of policies/needed-roles.ts, on one resource; a new one is a line there.",
    sources: ["AZR-000204", "AZR-000205", "CKV_AZURE_39", "Azure Policy a451c1ef", "design: least privilege"],
    check: (resource) => {
      if (/^azure-native:authorization:Pim/.test(resource.type)) {
        return [`it is a ${resource.type}: a role that waits to be switched on is a role.`];
      }
      return widths[resource.type]?.(resource) ?? [];
    },
  },
  {
    name: "roles-for-groups-and-services",
    reason: "People come and go; a role of a single person is forgotten.",
    remedy: "Set principalType to Group or ServicePrincipal, and the person into the group.",
    sources: ["AZR-000203"],
    check: {
      [types.roleAssignment]: property("principalType", "Group or ServicePrincipal", (value) =>
        ["Group", "ServicePrincipal"].includes(String(value)),
      ),
    },
  },
  {
    name: "role-assignments-repeatable",
    reason:
      "Names that follow from scope, principal and role let a second deployment find the first one's work.",
    remedy: "Use assignRole of components/roles.ts.",
    sources: ["Azure Verified Modules"],
    check: {
      [types.roleAssignment]: property("roleAssignmentName", "a GUID of version 5", (value) =>
        derivedGuid.test(String(value)),
      ),
    },
  },
];

const widths: Record<string, Check> = {
  [types.roleAssignment]: all(
    isNeededRole,
    property("scope", "a single resource", (scope) => withinProvider(scope) !== undefined),
    property("condition", "absent", isEmpty),
  ),
  [types.roleDefinition]: all(
    narrowActions,
    property(
      "assignableScopes",
      "resource groups",
      (scopes) =>
        items(scopes).length > 0 &&
        items(scopes).every((scope) => scope === unknown || /\/resourceGroups\//i.test(String(scope))),
    ),
  ),
};
