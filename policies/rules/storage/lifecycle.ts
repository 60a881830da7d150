import { accountsHolding, enabledLifecycleRules, type Purpose } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, Violation } from "../../azure/engine/rule.ts";
import { isEmpty, listItems, type Properties, type Value, valueAt } from "../../azure/engine/value.ts";

/**
 * The kinds of blobs that lifecycle rules delete. Page blobs are not among them.
 * Source: https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
 */
const blobTypes = ["blockBlob", "appendBlob"];

/** Reports the accounts in which a kind of blob, or its snapshots, stays for more than this many days. */
export function findLateDeletion(
  resources: DeclaredResource[],
  purpose: Purpose,
  maximumDays: number,
): Violation[] {
  return accountsHolding(resources, purpose).flatMap((resource) => {
    const rules = enabledLifecycleRules(resources, resource);
    const kept = blobTypes.filter(
      (blobType) => !rules.some((rule) => deletesAll(rule, blobType, maximumDays)),
    );
    if (kept.length === 0) return [];
    const days = maximumDays === 1 ? "1 day" : `${maximumDays} days`;
    const problem = `no enabled lifecycle rule deletes every ${kept.join(" and ")} with its snapshots within ${days}.`;
    return [{ resource, problem }];
  });
}

function deletesAll(rule: Value, blobType: string, maximumDays: number): boolean {
  const filters = valueAt(rule, "definition.filters");
  return (
    listItems(valueAt(filters, "blobTypes")).includes(blobType) &&
    isEmpty(valueAt(filters, "prefixMatch")) &&
    isEmpty(valueAt(filters, "blobIndexMatch")) &&
    daysUntilDeleted(rule, "baseBlob") <= maximumDays &&
    daysUntilDeleted(rule, "snapshot") <= maximumDays
  );
}

/**
 * Days after which a rule deletes its blobs. Azure deletes when every condition is true, so the longest one counts.
 * Days since creation end no later than days since modification. Infinity if the rule has another condition or none.
 */
export function daysUntilDeleted(rule: Value, kind: "baseBlob" | "snapshot"): number {
  const conditions = Object.entries(
    (valueAt(rule, `definition.actions.${kind}.delete`) ?? {}) as Properties,
  ).filter(([, value]) => value !== undefined && value !== null);
  if (conditions.length === 0) return Number.POSITIVE_INFINITY;
  const days = conditions.map(([name, value]) =>
    /^daysAfter(Modification|Creation)GreaterThan$/.test(name) && typeof value === "number"
      ? value
      : Number.POSITIVE_INFINITY,
  );
  return Math.max(...days);
}
