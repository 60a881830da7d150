import { accountsFor, inAccount, lifecycleRules, type Purpose } from "../engine/resource-queries.ts";
import {
  all,
  type Check,
  type Declared,
  type Finding,
  mustBe,
  property,
  type StackRule,
} from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, items, type Properties, type Value } from "../engine/value.ts";
import { between, periodDays } from "./storage.ts";

/** Days after which a file is promised to be gone. */
const fileLifetimeDays = 30;
/** The same for what an import job reads: it is needed for minutes. */
const importLifetimeDays = 1;

/** Every kind of blob that lifecycle rules delete: page blobs are not among them (lifecycle-management-policy-structure). */
const kinds = ["blockBlob", "appendBlob"];

const recoverable: Check = all(
  mustBe("deleteRetentionPolicy.enabled", true),
  property("deleteRetentionPolicy.days", "1 to 30", between(1, 30)),
  mustBe("containerDeleteRetentionPolicy.enabled", true),
  property("containerDeleteRetentionPolicy.days", "1 to 30", between(1, 30)),
  property("isVersioningEnabled", "false", isOff),
);

const traceless: Check = all(
  property("deleteRetentionPolicy.enabled", "false", isOff),
  property("containerDeleteRetentionPolicy.enabled", "false", isOff),
  property("isVersioningEnabled", "false", isOff),
  property("changeFeed.enabled", "false", isOff),
  property("restorePolicy.enabled", "false", isOff),
);

/** How long stored data stays, and whether it comes back. */
export const fileRules: StackRule[] = [
  {
    name: "soft-delete",
    reason:
      "A file or a record that was deleted by mistake comes back for some days, and is gone for good after.",
    remedy: "Enable both retention policies of BlobServiceProperties for 1 to 30 days, without versions.",
    sources: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289", "design: files"],
    checkStack: (resources) => ofBlobs(resources, ["files", "audit"], "nothing is soft-deleted", recoverable),
  },
  {
    name: "files-are-deleted",
    reason: "Files are personal data, and are promised to be there for 30 days, and gone after them.",
    remedy:
      "Add a ManagementPolicy whose enabled rules delete every blob 30 days after its change, on no other condition.",
    sources: ["design: files"],
    checkStack: (resources) => [
      ...keptTooLong(resources, "files", fileLifetimeDays),
      ...goneTooSoon(resources),
    ],
  },
  {
    name: "import-keys-leave-no-trace",
    reason:
      "An import job reads terminals' keys in plaintext; once they are deleted nobody may get them back.",
    remedy:
      "Without soft delete, versions and copies; with a SAS policy and a lifecycle rule of one day for every blob.",
    sources: ["design: scale"],
    checkStack: (resources) => [
      ...ofBlobs(resources, ["device-imports"], "what is kept is not known", traceless),
      ...keptTooLong(resources, "device-imports", importLifetimeDays),
      ...accountsFor(resources, "device-imports").flatMap((resource) =>
        shortLived(resource).map((problem) => ({ resource, problem })),
      ),
    ],
  },
];

const shortLived: Check = all(
  property("sasPolicy.sasExpirationPeriod", "a period of at most 1.00:00:00", (value) => {
    const days = periodDays(value);
    return days !== undefined && days > 0 && days <= importLifetimeDays;
  }),
  property("sku.name", "without a copy in another region", (sku) => !/(GRS|GZRS)$/.test(String(sku))),
);

function isOff(value: Value): boolean {
  return value === undefined || value === false;
}

/** Faults of the blob services of these accounts, and the accounts that have none. */
function ofBlobs(resources: Declared[], purposes: Purpose[], without: string, check: Check): Finding[] {
  return accountsFor(resources, ...purposes).flatMap((account) => {
    const services = inAccount(resources, account, types.blobService);
    if (services.length === 0) {
      return [{ resource: account, problem: `it has no BlobServiceProperties, so ${without}.` }];
    }
    return services.flatMap((resource) => check(resource).map((problem) => ({ resource, problem })));
  });
}

/** Accounts in which a kind of blob, or its snapshots, stays for more than so many days. */
function keptTooLong(resources: Declared[], purpose: Purpose, most: number): Finding[] {
  return accountsFor(resources, purpose).flatMap((resource) => {
    const rules = lifecycleRules(resources, resource);
    const kept = kinds.filter((kind) => !rules.some((rule) => deletes(rule, kind, most)));
    if (kept.length === 0) return [];
    const problem = `no lifecycle rule deletes every ${kept.join(" and ")} with its snapshots within ${most} days.`;
    return [{ resource, problem }];
  });
}

/** Accounts in which files are gone while their keys are still valid. */
function goneTooSoon(resources: Declared[]): Finding[] {
  return accountsFor(resources, "files").flatMap((resource) =>
    lifecycleRules(resources, resource)
      .map((rule) => daysUntil(rule, "baseBlob"))
      .filter((days) => days < fileLifetimeDays)
      .map((days) => ({
        resource,
        problem: `a lifecycle rule deletes files after ${days} days, and their keys are valid for ${fileLifetimeDays}.`,
      })),
  );
}

function deletes(rule: Value, kind: string, most: number): boolean {
  const filters = at(rule, "definition.filters");
  return (
    items(at(filters, "blobTypes")).includes(kind) &&
    isEmpty(at(filters, "prefixMatch")) &&
    isEmpty(at(filters, "blobIndexMatch")) &&
    daysUntil(rule, "baseBlob") <= most &&
    daysUntil(rule, "snapshot") <= most
  );
}

/**
 * Days after which a rule deletes what it is for. Azure does so when each of its conditions holds, so that the longest
 * counts; what is counted from the making of a blob comes no later than from its last change. Infinity where another
 * condition has a say, or none.
 */
function daysUntil(rule: Value, what: "baseBlob" | "snapshot"): number {
  const conditions = Object.entries((at(rule, `definition.actions.${what}.delete`) ?? {}) as Properties);
  const days = conditions
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) =>
      /^daysAfter(Modification|Creation)GreaterThan$/.test(name) && typeof value === "number"
        ? value
        : Number.POSITIVE_INFINITY,
    );
  return days.length > 0 ? Math.max(...days) : Number.POSITIVE_INFINITY;
}
