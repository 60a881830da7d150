import {
  accountsFor,
  auditContainers,
  inAccount,
  lifecycleRules,
  ofType,
} from "../engine/resource-queries.ts";
import { all, type Declared, mustBe, property, type ResourceRule, type StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, show, unknown } from "../engine/value.ts";

/** The shortest time for which a record of a change is kept. */
const leastDays = 30;

/** What keeps the audit log from those whose changes it records. */
export const auditRules: ResourceRule[] = [
  {
    name: "audit-is-append-only",
    reason: "A record of a change that can be changed, or deleted before its time, proves nothing.",
    remedy: "Let only protected appends in, for 30 days at least; give no right beyond reading and adding.",
    sources: ["Azure: container-level WORM policies", "design: audit"],
    check: {
      [types.immutability]: all(
        mustBe("allowProtectedAppendWrites", true),
        property("allowProtectedAppendWritesAll", "false", (value) => value !== true),
        property(
          "immutabilityPeriodSinceCreationInDays",
          `${leastDays} or more`,
          (value) => typeof value === "number" && value >= leastDays,
        ),
      ),
    },
  },
];

/** The same, of what belongs together. */
export const auditStackRules: StackRule[] = [
  {
    name: "audit-log-is-kept",
    reason: "Who did what, and why, must be there when somebody asks.",
    remedy: "Declare an AuditLog (components/audit-log.ts).",
    sources: ["design: audit"],
    checkStack: (resources) => {
      if (auditContainers(resources).length === 0) {
        const problem = "no container of it is immutable, so that no change is recorded for good.";
        return ofType(resources, types.hub).map((resource) => ({ resource, problem }));
      }
      return accountsFor(resources, "audit").flatMap((account) =>
        deletedEarly(resources, account).map((problem) => ({ resource: account, problem })),
      );
    },
  },
];

function deletedEarly(resources: Declared[], account: Declared): string[] {
  const periods = inAccount(resources, account, types.immutability)
    .map(({ properties }) => at(properties, "immutabilityPeriodSinceCreationInDays"))
    .filter((days) => typeof days === "number");
  const kept = Math.max(0, ...periods);
  // From its last record on: what is counted from the first one of a month ends earlier.
  const count = "daysAfterModificationGreaterThan";
  return lifecycleRules(resources, account)
    .map((rule) => at(rule, "definition.actions.baseBlob.delete"))
    .filter((deleted) => !isEmpty(deleted) && deleted !== unknown)
    .map((deleted) => at(deleted, count))
    .filter((days) => days !== unknown && !(typeof days === "number" && days >= kept))
    .map((days) => `a lifecycle rule deletes by ${count} ${show(days)} what is to be kept for ${kept} days.`);
}
