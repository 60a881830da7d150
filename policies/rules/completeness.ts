import { builtInRoles } from "../../components/built-in-roles.ts";
import type { Declared, Finding, StackRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, items, unknown, type Value } from "../value.ts";
import { roleOf } from "./roles.ts";

const ofType = (resources: Declared[], type: string) =>
  resources.filter((resource) => resource.type === type);

/** Accounts that open to account keys are the ones that hold files. */
const fileAccounts = (resources: Declared[]) =>
  ofType(resources, types.storageAccount).filter(
    ({ properties }) => at(properties, "allowSharedKeyAccess") !== false,
  );

/** What each type's logs hang on: the resource itself, or a service within it. */
const diagnosed: { type: string; suffix: string; what: string }[] = [
  { type: types.hub, suffix: "", what: "logs" },
  { type: types.gateway, suffix: "", what: "logs" },
  { type: types.workspace, suffix: "", what: "logs" },
  { type: types.storageAccount, suffix: "", what: "metrics" },
];

function sends(setting: Declared, what: string): boolean {
  return (
    at(setting.properties, "workspaceId") !== undefined &&
    items(at(setting.properties, what)).some((item) => at(item, "enabled") === true || item === unknown)
  );
}

/** Whether a setting is for `resource`, or for a part of it whose ID ends in `suffix` (if known yet). */
function isFor(setting: Declared, resource: Declared, suffix: string): boolean {
  const uri = at(setting.properties, "resourceUri");
  return (
    setting.madeFrom("resourceUri").includes(resource.urn) &&
    (typeof uri !== "string" || suffix === "" || uri.endsWith(suffix))
  );
}

const accountService = (resources: Declared[], account: Declared) =>
  ofType(resources, types.table).some((table) => table.madeFrom("accountName").includes(account.urn))
    ? "/tableServices/default"
    : "/blobServices/default";

const isDeletedInTime = (rule: Value): boolean => {
  const days = at(rule, "definition.actions.baseBlob.delete.daysAfterModificationGreaterThan");
  return (
    at(rule, "enabled") !== false &&
    items(at(rule, "definition.filters.blobTypes")).includes("blockBlob") &&
    items(at(rule, "definition.filters.prefixMatch")).length === 0 &&
    items(at(rule, "definition.filters.blobIndexMatch")).length === 0 &&
    (days === unknown || (typeof days === "number" && days <= 30))
  );
};

/** Who needs which role on what, for onboarding, files and live lookups to work. */
const neededGrants: { role: keyof typeof builtInRoles; on: string; for: string }[] = [
  { role: "IoT Hub Registry Contributor", on: types.hub, for: "onboarding and revoking terminals" },
  { role: "IoT Hub Twin Contributor", on: types.hub, for: "tagging terminals and telling them of files" },
  { role: "Reader", on: types.hub, for: "pacing the onboarding" },
  { role: "Storage Account Key Operator Service Role", on: types.storageAccount, for: "signing files' keys" },
  { role: "Storage Table Data Contributor", on: types.table, for: "writing terminals' Flow keys" },
  { role: "Storage Table Data Reader", on: types.table, for: "the gateway's lookup of terminals" },
];

/** What a stack must hold as a whole. */
export const completenessRules: StackRule[] = [
  {
    name: "diagnostics-present",
    reason: "Without logs nobody sees who came in, who was refused, and which file's key was used.",
    remedy: "Add a DiagnosticSetting with the workspace and the category group allLogs.",
    sources: ["Azure Policy 383856f8", "CKV2_AZURE_21", "AZR-000119", "Azure Verified Modules"],
    checkStack: (resources) => {
      const settings = ofType(resources, types.diagnostics);
      const lacks = (resource: Declared, suffix: string, what: string): Finding[] =>
        settings.some((setting) => isFor(setting, resource, suffix) && sends(setting, what))
          ? []
          : [{ resource, problem: `${suffix || "it"} sends no ${what} to a workspace.` }];
      return [
        ...diagnosed.flatMap(({ type, suffix, what }) =>
          ofType(resources, type).flatMap((resource) => lacks(resource, suffix, what)),
        ),
        ...ofType(resources, types.storageAccount).flatMap((account) =>
          lacks(account, accountService(resources, account), "logs"),
        ),
      ];
    },
  },
  {
    name: "files-are-deleted",
    reason: "Files are personal data, and are promised to be gone after 30 days.",
    remedy: "Add a ManagementPolicy whose enabled rule deletes every blob at most 30 days after its change.",
    sources: ["design: files"],
    checkStack: (resources) =>
      fileAccounts(resources)
        .filter(
          (account) =>
            !ofType(resources, types.lifecycle).some(
              (policy) =>
                policy.madeFrom("accountName").includes(account.urn) &&
                items(at(policy.properties, "policy.rules")).some(isDeletedInTime),
            ),
        )
        .map((resource) => ({ resource, problem: "no lifecycle rule deletes its files after 30 days." })),
  },
  {
    name: "files-can-be-recovered",
    reason: "A file that was deleted by mistake can be brought back for some days.",
    remedy: "Add BlobServiceProperties with both retention policies.",
    sources: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289"],
    checkStack: (resources) =>
      fileAccounts(resources)
        .filter(
          (account) =>
            !ofType(resources, types.blobService).some((service) =>
              service.madeFrom("accountName").includes(account.urn),
            ),
        )
        .map((resource) => ({
          resource,
          problem: "it has no BlobServiceProperties, so nothing is soft-deleted.",
        })),
  },
  {
    name: "needed-roles-present",
    reason: "Without it the work stops: operators are refused, or the gateway lets no terminal through.",
    remedy: "Give the role on that resource with assignRole of components/roles.ts.",
    sources: ["design: least privilege"],
    checkStack: (resources) => {
      const assignments = ofType(resources, types.roleAssignment);
      return neededGrants.flatMap(({ role, on, for: purpose }) => {
        const targets = ofType(resources, on).filter(
          (target) => on !== types.storageAccount || fileAccounts([target]).length > 0,
        );
        return targets
          .filter(
            (target) => !assignments.some((assignment) => gives(assignment, builtInRoles[role], target)),
          )
          .map((resource) => ({ resource, problem: `nobody holds ${role} on it, which ${purpose} takes.` }));
      });
    },
  },
];

function gives(assignment: Declared, role: string, target: Declared): boolean {
  return roleOf(assignment) === role && assignment.madeFrom("scope").includes(target.urn);
}
