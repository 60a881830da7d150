import { builtInRoles } from "../../components/built-in-roles.ts";
import type { Declared, Finding, StackRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, items, unknown, type Value } from "../value.ts";
import { auditContainers } from "./audit.ts";
import { roleOf } from "./roles.ts";

const ofType = (resources: Declared[], type: string) =>
  resources.filter((resource) => resource.type === type);

/** Accounts that open to account keys are the ones that hold files. */
const fileAccounts = (resources: Declared[]) =>
  ofType(resources, types.storageAccount).filter(
    ({ properties }) => at(properties, "allowSharedKeyAccess") !== false,
  );

/** Types that have logs of their own; a storage account's are those of its services. */
const withLogs = [types.hub, types.gateway, types.workspace];

/** How the ID of a storage account's service ends. */
const servicePath = /\/\w+Services\/default$/;

/** Days after which a file is promised to be gone. */
const fileLifetimeDays = 30;

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
    name: "diagnostics-present",
    reason: "Without logs nobody sees who came in, who was refused, and which file's key was used.",
    remedy: "Add a DiagnosticSetting with the workspace and the category group allLogs.",
    sources: ["Azure Policy 383856f8", "CKV2_AZURE_21", "Azure Verified Modules"],
    checkStack: (resources) => [
      ...withLogs.flatMap((type) =>
        ofType(resources, type).flatMap((resource) => lacks(resources, resource, "", "logs")),
      ),
      ...ofType(resources, types.storageAccount).flatMap((account) => [
        ...lacks(resources, account, "", "metrics"),
        ...lacks(resources, account, serviceOf(resources, account), "logs"),
      ]),
    ],
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
            !of(account, resources, types.lifecycle).some(({ properties }) =>
              items(at(properties, "policy.rules")).some(isDeletedInTime),
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
        .filter((account) => of(account, resources, types.blobService).length === 0)
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
  if (type === types.storageAccount) return fileAccounts(resources);
  return type === types.container ? auditContainers(resources) : ofType(resources, type);
}

/** What belongs to a storage account by its accountName. */
const of = (account: Declared, resources: Declared[], type: string) =>
  ofType(resources, type).filter((resource) => resource.madeFrom("accountName").includes(account.urn));

/** Where an account's logs are: each service has its own, and an account here holds either tables or blobs. */
const serviceOf = (resources: Declared[], account: Declared) =>
  of(account, resources, types.table).length > 0 ? "/tableServices/default" : "/blobServices/default";

/** The finding that nothing sends these of `resource`, or of the part of it whose ID ends in `suffix`. */
function lacks(resources: Declared[], resource: Declared, suffix: string, what: string): Finding[] {
  const sent = ofType(resources, types.diagnostics).some((setting) => {
    const uri = at(setting.properties, "resourceUri");
    return (
      setting.madeFrom("resourceUri").includes(resource.urn) &&
      // While the ID is not known, a setting that sends the right things of the right resource will do.
      (typeof uri !== "string" || (servicePath.exec(uri)?.[0] ?? "") === suffix) &&
      at(setting.properties, "workspaceId") !== undefined &&
      items(at(setting.properties, what)).some((item) => at(item, "enabled") === true)
    );
  });
  return sent ? [] : [{ resource, problem: `${suffix || "it"} sends no ${what} to a workspace.` }];
}

function isDeletedInTime(rule: Value): boolean {
  const days = at(rule, "definition.actions.baseBlob.delete.daysAfterModificationGreaterThan");
  return (
    at(rule, "enabled") !== false &&
    items(at(rule, "definition.filters.blobTypes")).includes("blockBlob") &&
    items(at(rule, "definition.filters.prefixMatch")).length === 0 &&
    items(at(rule, "definition.filters.blobIndexMatch")).length === 0 &&
    typeof days === "number" &&
    days <= fileLifetimeDays
  );
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
