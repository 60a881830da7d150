import {
  belongsToAccount,
  findStack,
  provenPurpose,
  purposeOf,
  purposes,
  resourcesOfType,
} from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../azure/engine/value.ts";
import { accountRequirements, storageAccounts } from "./account-requirements.ts";

const typesInAccounts = [
  types.blobService,
  types.blobContainer,
  types.immutabilityPolicy,
  types.lifecyclePolicy,
  types.table,
];

export const storageAccountOnePerPurpose: StackRule = {
  id: "storage-account-one-per-purpose",
  severity: "high",
  description: `The stack has one storage account for each purpose (${purposes.join(", ")}), and its tag holds names it.`,
  reason: "Other rules check an account by what it holds, so an account must hold one thing.",
  remedy: "Declare one account for each purpose, set its tag holds, and declare in it what belongs to it.",
  sources: [
    microsoftLearn("Shared Key authorization", "azure/storage/common/shared-key-authorization-prevent"),
  ],
  checkStack: (resources) => [
    ...findWrongCounts(resources),
    ...findWrongTags(resources),
    ...findResourcesWithoutAccount(resources),
  ],
};

function findWrongCounts(resources: DeclaredResource[]): Violation[] {
  return purposes.flatMap((purpose) => {
    const accounts = storageAccounts(resources).filter(
      (account) => purposeOf(resources, account) === purpose,
    );
    if (accounts.length > 1) {
      const names = accounts.map(({ name }) => name).join(", ");
      const problem = `${accounts.length} accounts hold ${purpose} (${names}); there must be one.`;
      return accounts.map((resource) => ({ resource, problem }));
    }
    if (accounts.length === 1 || accountRequirements[purpose].isOptional) return [];
    return [{ resource: findStack(resources), problem: `no storage account holds ${purpose}.` }];
  });
}

function findWrongTags(resources: DeclaredResource[]): Violation[] {
  return storageAccounts(resources).flatMap((resource) => {
    const tag = valueAt(resource.properties, "tags.holds");
    const proven = provenPurpose(resources, resource);
    if (tag === undefined || tag === unknownValue || tag === proven) return [];
    // Declared resources prove neither files nor imports: the command line creates what these accounts hold.
    if (proven === undefined && (tag === "files" || tag === "device-imports")) return [];
    const wanted = proven
      ? `it must be "${proven}", by what is declared in it`
      : "nothing of that is declared in it";
    return [{ resource, problem: `tags.holds is ${JSON.stringify(tag)}; ${wanted}.` }];
  });
}

/** Rules on accounts do not see resources in accounts that the stack does not declare. */
function findResourcesWithoutAccount(resources: DeclaredResource[]): Violation[] {
  return typesInAccounts
    .flatMap((type) => resourcesOfType(resources, type))
    .filter((resource) => !storageAccounts(resources).some((account) => belongsToAccount(resource, account)))
    .map((resource) => ({
      resource,
      problem: "accountName does not name a storage account of the stack.",
    }));
}
