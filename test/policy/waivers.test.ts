import type { StackValidationPolicy } from "@pulumi/policy";
import { expect, test } from "vitest";
import type { ResourceRule, StackRule } from "../../policies/azure/engine/rule.ts";
import { microsoftLearn } from "../../policies/azure/engine/sources.ts";
import { toPolicies } from "../../policies/azure/engine/to-policies.ts";
import { isOver, type Waiver } from "../../policies/azure/engine/waivers.ts";
import { stackWaivedViolations } from "../../policies/rules/stack/stack-waived-violations.ts";
import { stackWaiverReview } from "../../policies/rules/stack/stack-waiver-review.ts";
import { waivers } from "../../policies/waivers.ts";
import { declareFleet } from "./fleet.ts";
import { withImportAccount } from "./rules/import-account.cases.ts";

const dayMs = 86_400_000;

test("every waiver names rules, declared resources, a reason, an owner and a day within two years", async () => {
  const names = new Set(withImportAccount(await declareFleet()).map(({ name }) => name));
  for (const { rules, references = [], resources, reason, owner, until } of waivers) {
    expect([...rules, ...references].length).toBeGreaterThan(0);
    expect(owner).toMatch(/^[a-z][a-z-]+$/);
    expect(reason).toMatch(/^[A-Z].{30,}\.$/s);
    expect(new Date(until).toISOString().slice(0, 10)).toBe(until);
    expect(new Date(until).getTime()).toBeLessThan(Date.now() + 2 * 365 * dayMs);
    expect(resources.filter((resource) => !names.has(resource))).toEqual([]);
  }
});

test("no rule is waived twice for the same resource", () => {
  const pairs = waivers.flatMap(({ rules, references = [], resources }) =>
    [...rules, ...references].flatMap((id) => resources.map((resource) => `${id} ${resource}`)),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
});

const waiver: Waiver = {
  rules: ["account-has-owner", "stack-has-account"],
  resources: ["files-account"],
  reason: "The design needs it.",
  owner: "terminal-operations",
  until: "2100-01-01",
};

test("a waiver is valid until the end of its day, and over from the next day", () => {
  const until = { ...waiver, until: "2026-05-31" };
  expect(isOver(until, new Date("2026-05-31T23:59:00Z"))).toBe(false);
  expect(isOver(until, new Date("2026-06-01T00:00:00Z"))).toBe(true);
});

const description = {
  severity: "high",
  description: "Something is so.",
  reason: "It matters.",
  remedy: "Change it.",
  sources: [microsoftLearn("Page", "azure")],
} as const;

const accountType = "azure-native:storage:StorageAccount";
const resourceRule: ResourceRule = {
  ...description,
  sources: [...description.sources],
  id: "account-has-owner",
  check: { [accountType]: ({ properties }) => (properties.owner === undefined ? ["owner is not set."] : []) },
};
const stackRule: StackRule = {
  ...description,
  sources: [...description.sources],
  id: "stack-has-account",
  checkStack: (resources) => resources.map((resource) => ({ resource, problem: "there is an account." })),
};

type Validate = (args: object, report: (message: string) => void) => Promise<void> | void;

/** Runs the rules and those about waivers on one account, as the engine does. @returns Rule and resource of each violation. */
async function run(all: Waiver[], properties: Record<string, unknown>, stack = "dev"): Promise<string[]> {
  const programRules = [resourceRule, stackRule];
  const ids = programRules.map(({ id }) => id);
  const policies = toPolicies(
    [...programRules, stackWaivedViolations, stackWaiverReview(all, ids)],
    () => true,
    all,
  );
  const urn = `urn:pulumi:${stack}::p::${accountType}::files-account`;
  const resource = {
    type: accountType,
    name: "files-account",
    urn,
    props: properties,
    opts: { protect: false, ignoreChanges: [], aliases: [] },
    propertyDependencies: {},
  };
  const violations: string[] = [];
  for (const policy of policies) {
    const report = (message: string) => violations.push(`${policy.name}: ${message.split("\n")[0]}`);
    // The rules read these properties only.
    const isResourceRule = "validateResource" in policy;
    const validate = (isResourceRule
      ? policy.validateResource
      : (policy as StackValidationPolicy).validateStack) as unknown as Validate;
    await validate(isResourceRule ? resource : { resources: [resource] }, report);
  }
  return violations;
}

const violates = { holds: "files" };
const meets = { holds: "files", owner: "team" };

test("without a waiver, violations of both kinds of rules are reported", async () => {
  expect(await run([], violates)).toEqual([
    "account-has-owner: files-account: owner is not set.",
    "stack-has-account: files-account: there is an account.",
  ]);
});

test("a waiver accepts the violations of its rules, which the pack then shows as advisory", async () => {
  const shown = "is waived until 2100-01-01 by terminal-operations: The design needs it.";
  expect(await run([waiver], violates)).toEqual([
    `stack-waived-violations: files-account: account-has-owner ${shown}`,
    `stack-waived-violations: files-account: stack-has-account ${shown}`,
  ]);
  expect(stackWaivedViolations.isAdvisory).toBe(true);
});

test("a waiver that the resource no longer needs is refused by its rule", async () => {
  expect(await run([waiver], meets)).toContain(
    "stack-waiver-review: files-account: the waiver of account-has-owner is not used: the resource meets the rule. Its owner is terminal-operations.",
  );
  expect(stackWaiverReview([], []).isAdvisory).toBeUndefined();
});

test("a waiver for one stack accepts nothing in another, and is not unused there", async () => {
  expect(await run([{ ...waiver, stacks: ["prod"] }], violates)).toHaveLength(2);
  expect(await run([{ ...waiver, stacks: ["prod"] }], violates, "prod")).toEqual([
    expect.stringContaining("stack-waived-violations"),
    expect.stringContaining("stack-waived-violations"),
  ]);
});

test("an expired waiver accepts nothing, and each of its resources is refused", async () => {
  const expired = {
    ...waiver,
    rules: ["account-has-owner"],
    references: ["AZR-000001"],
    until: "2020-01-01",
  };
  expect(await run([expired], violates)).toEqual([
    "account-has-owner: files-account: owner is not set.",
    "stack-has-account: files-account: there is an account.",
    "stack-waiver-review: files-account: the waiver of account-has-owner, AZR-000001 expired on 2020-01-01. Its owner is terminal-operations.",
  ]);
});
