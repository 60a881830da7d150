import { all, type Declared, property, type ResourceRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, items, unknown, type Value } from "../value.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Built-in roles that are given by mistake most often, by name for the message. */
const tooWide: Record<string, string> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
  "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
  "17d1049b-9a84-46fb-8f53-869881c3d3ab": "Storage Account Contributor",
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "312a565d-c81f-4fd8-895a-4e21e48d571c": "API Management Service Contributor",
  "4fc6c259-987e-4a07-842e-c321cc9d413f": "IoT Hub Data Contributor",
};

/** GUID of the role that an assignment gives. */
export function roleOf({ properties }: Declared): string | typeof unknown {
  const id = at(properties, "roleDefinitionId");
  return id === unknown ? unknown : String(id).split("/").at(-1)!.toLowerCase();
}

/** A single resource, or something in one: /subscriptions/…/resourceGroups/…/providers/TYPE/NAME… */
const isSingleResource = (scope: Value) =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/i.test(String(scope));

/** Nobody may do more than the work takes. */
export const roleRules: ResourceRule[] = [
  {
    name: "roles-no-wider-than-needed",
    reason: "A role that is too wide lets one lost sign-in reach everything.",
    remedy: "Give one of the needed roles, or a custom role with named actions, on one resource.",
    sources: ["AZR-000204", "AZR-000205", "design: least privilege"],
    check: {
      [types.roleAssignment]: all(
        (assignment) => {
          const role = roleOf(assignment);
          return role !== unknown && tooWide[role]
            ? [`the role ${tooWide[role]} is wider than the work.`]
            : [];
        },
        property("scope", "a single resource", isSingleResource),
      ),
      [types.roleDefinition]: all(
        ({ properties }) =>
          items(at(properties, "permissions")).flatMap((permission) =>
            [...items(at(permission, "actions")), ...items(at(permission, "dataActions"))]
              .filter((action) => typeof action === "string" && isTooWide(action))
              .map((action) => `the action "${String(action)}" is wider than the work.`),
          ),
        property(
          "assignableScopes",
          "resource groups",
          (scopes) =>
            items(scopes).length > 0 &&
            items(scopes).every((scope) => scope === unknown || /\/resourceGroups\//i.test(String(scope))),
        ),
      ),
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
      [types.roleAssignment]: property("roleAssignmentName", "a GUID", (value) => guid.test(String(value))),
    },
  },
];

/** Wildcards, and the right to give rights. */
const isTooWide = (action: string) =>
  action.includes("*") || /^Microsoft\.Authorization\/.*\/write$/i.test(action);
