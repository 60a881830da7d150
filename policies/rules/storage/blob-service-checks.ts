import { accountsHolding, type Purpose, resourcesInAccount } from "../../azure/engine/resource-queries.ts";
import type { Check, DeclaredResource, Violation } from "../../azure/engine/rule.ts";
import { types } from "../../azure/engine/type-tokens.ts";

/**
 * Checks the blob services of the accounts with these purposes.
 * @param consequence What follows for an account without a blob service: "…, so CONSEQUENCE".
 */
export function checkBlobServices(
  resources: DeclaredResource[],
  purposes: Purpose[],
  consequence: string,
  check: Check,
): Violation[] {
  return accountsHolding(resources, ...purposes).flatMap((account) => {
    const services = resourcesInAccount(resources, account, types.blobService);
    if (services.length === 0) {
      return [{ resource: account, problem: `the account has no BlobServiceProperties, so ${consequence}.` }];
    }
    return services.flatMap((resource) => check(resource).map((problem) => ({ resource, problem })));
  });
}
