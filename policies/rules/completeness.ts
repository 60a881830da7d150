import { builtInRoles } from "../../components/built-in-roles.ts";
import type { Declared, StackRule } from "../rule.ts";
import { accountsFor, auditContainers, ofType } from "../stack.ts";
import { types } from "../types.ts";
import { unknown } from "../value.ts";
import { roleOf } from "./roles.ts";

/** A custom role of the stack, in place of a built-in one. */
const customRole = "a custom role";

/** Who needs which role on what, for onboarding, files and live lookups to work. */
const neededGrants: { role: keyof typeof builtInRoles | typeof customRole; on: string; for: string }[] = [
  { role: "IoT Hub Registry Contributor", on: types.hub, for: "onboarding and revoking terminals" },
  { role: "IoT Hub Twin Contributor", on: types.hub, for: "tagging terminals and telling them of files" },
  { role: "Reader", on: types.hub, for: "pacing the onboarding" },
  { role: "Storage Account Key Operator Service Role", on: types.storageAccount, for: "signing files' keys" },
  { role: "Storage Table Data Contributor", on: types.table, for: "writing terminals' Flow keys" },
  { role: "Storage Table Data Reader", on: types.table, for: "the gateway's lookup of terminals" },
  { role: customRole, on: types.gateway, for: "handling the customers' shared keys" },
  { role: customRole, on: types.container, for: "recording every change" },
  { role: customRole, on: types.hub, for: "importing large batches" },
];

/** The rules on what a stack must hold as a whole. */
export const completenessRules: StackRule[] = [
  {
    name: "needed-roles-present",
    reason: "Without it the work stops: operators are refused, or the gateway lets no terminal through.",
    remedy: "Give the role on that resource with assignRole of components/roles.ts.",
    sources: ["design: least privilege"],
    checkStack: (resources) =>
      neededGrants.flatMap(({ role, on, for: purpose }) => {
        return targetsOf(resources, on)
          .filter((target) => !isGiven(resources, role, target))
          .map((resource) => ({ resource, problem: `nobody holds ${role} on it, which ${purpose} takes.` }));
      }),
  },
];

/** Which resources of a type the work is done on. */
function targetsOf(resources: Declared[], type: string): Declared[] {
  if (type === types.storageAccount) return accountsFor(resources, "files", "device-imports");
  return type === types.container ? auditContainers(resources) : ofType(resources, type);
}

function isGiven(
  resources: Declared[],
  role: keyof typeof builtInRoles | typeof customRole,
  target: Declared,
): boolean {
  const custom = new Set(ofType(resources, types.roleDefinition).map(({ urn }) => urn));
  const is = (assignment: Declared) => {
    if (role === customRole) return assignment.madeFrom("roleDefinitionId").some((urn) => custom.has(urn));
    const given = roleOf(assignment);
    return given === unknown || given === builtInRoles[role];
  };
  return ofType(resources, types.roleAssignment).some(
    (assignment) => assignment.madeFrom("scope").includes(target.urn) && is(assignment),
  );
}
