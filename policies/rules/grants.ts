import { builtIn, custom, type Grant, holders, neededGrants } from "../allowlists/role-assignments.ts";
import { ofType } from "../engine/resource-queries.ts";
import type { Declared, Finding, StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, items, unknown, type Value } from "../engine/value.ts";
import { guidOf } from "./roles.ts";

/** Each role that the work takes is given, to whoever needs it, and no other. */
export const grantRules: StackRule[] = [
  {
    name: "needed-roles-present",
    reason: "Without it the work stops: operators are refused, or the gateway lets no terminal through.",
    remedy: "Give the role on that resource with assignRole of components/roles.ts.",
    sources: ["design: least privilege"],
    checkStack: (resources) =>
      neededGrants.flatMap((grant) =>
        grant.on
          .in(resources)
          .filter((target) => !assignments(resources).some((each) => gives(resources, each, grant, target)))
          .map((resource) => ({
            resource,
            problem: `the ${grant.to} do not hold ${grant.role} on it, which ${grant.for} takes.`,
          })),
      ),
  },
  {
    name: "no-role-but-the-needed-ones",
    reason:
      "Each role is given to one holder on one resource; a role of others on it is somebody else's way in.",
    remedy: "Take it away; where the work has come to take it, add a line to policies/needed-roles.ts.",
    sources: ["AZR-000204", "AZR-000205", "design: least privilege"],
    checkStack: (resources) => [
      ...assignments(resources).flatMap((each) => unneeded(resources, each)),
      ...neededGrants.flatMap((grant) =>
        grant.on.in(resources).flatMap((target) => givenTwice(resources, grant, target)),
      ),
    ],
  },
  {
    name: "operators-group-names-no-person",
    reason:
      "Who operates the fleet is decided in Entra ID and seen there; a member that is written here is forgotten.",
    remedy:
      "Let GroupMember name the stack's own service principal alone, and leave the group's members away.",
    sources: ["AZR-000203", "design: identities"],
    checkStack: (resources) => {
      const services = ofType(resources, types.servicePrincipal).map(({ urn }) => urn);
      return [
        ...ofType(resources, types.groupMember)
          .filter((member) => !member.madeFrom("memberObjectId").some((urn) => services.includes(urn)))
          .map((resource) => ({ resource, problem: "its member is not the stack's own service principal." })),
        ...ofType(resources, types.group)
          .filter(({ properties }) => !isEmpty(at(properties, "members")))
          .map((resource) => ({ resource, problem: "it names its members." })),
      ];
    },
  },
];

const assignments = (resources: Declared[]) => ofType(resources, types.roleAssignment);

function unneeded(resources: Declared[], resource: Declared): Finding[] {
  const isNeeded = neededGrants.some((grant) =>
    grant.on.in(resources).some((target) => gives(resources, resource, grant, target)),
  );
  if (isNeeded) return [];
  const named = (property: string) => {
    const names = resources
      .filter(({ urn }) => resource.madeFrom(property).includes(urn))
      .map(({ name }) => name)
      .sort();
    return names.length > 0 ? names.join(" and ") : "what is not of the stack";
  };
  const problem = `it gives ${roleName(resources, resource)} on ${named("scope")} to ${named("principalId")}.`;
  return [{ resource, problem }];
}

/** Azure takes no grant twice, so that a second one is for another holder. */
function givenTwice(resources: Declared[], grant: Grant, target: Declared): Finding[] {
  const all = assignments(resources).filter((each) => gives(resources, each, grant, target));
  const problem = `it gives ${grant.role} on ${target.name}, as another one does: to more than the ${grant.to}.`;
  return all.length > 1 ? all.map((resource) => ({ resource, problem })) : [];
}

function gives(resources: Declared[], assignment: Declared, grant: Grant, target: Declared): boolean {
  const scope = at(assignment.properties, "scope");
  const holds = ofType(resources, holders[grant.to]).map(({ urn }) => urn);
  return (
    assignment.madeFrom("scope").includes(target.urn) &&
    (scope === unknown || isIdOf(target, grant, scope)) &&
    assignment.madeFrom("principalId").some((urn) => holds.includes(urn)) &&
    roleName(resources, assignment) === grant.role
  );
}

/** Whether a scope is the ID of a target, as far as what the target says itself is known. */
function isIdOf(target: Declared, grant: Grant, scope: Value): boolean {
  const parts = `/subscriptions/*/resourceGroups/{resourceGroupName}/providers/${grant.on.path}`.split("/");
  const found = String(scope).toLowerCase().split("/");
  return (
    parts.length === found.length &&
    parts.every((part, index) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const value = name ? at(target.properties, name) : part;
      return part === "*" || typeof value !== "string" || value.toLowerCase() === found[index];
    })
  );
}

/** What an assignment gives: one of the needed roles by its name, or another one by its GUID. */
function roleName(resources: Declared[], assignment: Declared): string {
  const guid = guidOf(at(assignment.properties, "roleDefinitionId"));
  const known = Object.entries(builtIn).find(([, id]) => id === guid)?.[0];
  if (known) return known;
  const definition = ofType(resources, types.roleDefinition).find(({ urn, properties }) =>
    guid === unknown
      ? assignment.madeFrom("roleDefinitionId").includes(urn)
      : guidOf(at(properties, "roleDefinitionId")) === guid,
  );
  if (definition)
    return customName(definition) ?? `the role of ${definition.name}, with other actions than needed,`;
  return guid === unknown ? "a role that is not of the stack" : `the role ${guid}`;
}

/** Which of the needed roles of its own a stack defines with this: the one with exactly its actions. */
function customName(definition: Declared): string | undefined {
  const permissions = items(at(definition.properties, "permissions"));
  const all = (kind: string) => permissions.flatMap((permission) => items(at(permission, kind)));
  return Object.entries(custom).find(
    ([, role]) =>
      isSame(role.actions, all("actions")) &&
      isSame(role.dataActions, all("dataActions")) &&
      isSame([], [...all("notActions"), ...all("notDataActions")]),
  )?.[0];
}

function isSame(wanted: readonly string[], found: Value[]): boolean {
  const sorted = (actions: readonly Value[]) => actions.map((action) => String(action).toLowerCase()).sort();
  return JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(found));
}
