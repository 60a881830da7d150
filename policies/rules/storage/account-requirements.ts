import { norwayEast, westEurope } from "../../allowlists/resource-types.ts";
import { type Purpose, purposeOf, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { Check, DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { types } from "../../azure/engine/type-tokens.ts";

/** What a storage account must be, because of what it holds. */
interface AccountRequirements {
  region: string;
  /**
   * Whether account keys must be on: a user delegation SAS is valid for 7 days at most, and the IoT Hub's import jobs
   * use account keys.
   */
  sharedKeyAccess: boolean;
  /** Whether a stack may have no such account. Default: false. */
  isOptional?: boolean;
}

export const accountRequirements: Record<Purpose, AccountRequirements> = {
  files: { region: westEurope, sharedKeyAccess: true },
  audit: { region: westEurope, sharedKeyAccess: false },
  "flow-keys": { region: norwayEast, sharedKeyAccess: false },
  "device-imports": { region: westEurope, sharedKeyAccess: true, isOptional: true },
};

export const storageAccounts = (resources: DeclaredResource[]) =>
  resourcesOfType(resources, types.storageAccount);

/** Checks each storage account by the requirements of what it holds. */
export function checkByPurpose(
  createCheck: (requirements: AccountRequirements) => Check,
): StackRule["checkStack"] {
  return (resources) =>
    storageAccounts(resources).flatMap((resource) => {
      const purpose = purposeOf(resources, resource);
      return createCheck(accountRequirements[purpose])(resource).map((problem) => ({
        resource,
        problem: `the account holds ${purpose}: ${problem}`,
      }));
    });
}
