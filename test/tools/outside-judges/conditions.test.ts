import { describe, expect, test } from "vitest";
import {
  type Condition,
  evaluateCondition,
} from "../../../tools/outside-judges/azure-policy/language/evaluate.ts";
import { accountContext } from "./account-context.ts";

/*
 * The policy language. Sources: "Azure Policy definition structure policy rule"
 * (governance/policy/concepts/definition-structure-policy-rule) and "Author policies for array properties"
 * (governance/policy/how-to/author-policies-for-arrays).
 */

const type = "Microsoft.Storage/storageAccounts";
const tls = `${type}/minimumTlsVersion`;
const missing = `${type}/allowSharedKeyAccess`;

const holds = (condition: Condition, changes: object = {}) =>
  evaluateCondition(condition, accountContext(changes));

describe("conditions", () => {
  test.each<[name: string, fulfilled: Condition, refused: Condition]>([
    ["equals ignores case", { field: tls, equals: "tls1_2" }, { field: tls, equals: "TLS1_0" }],
    ["notEquals", { field: tls, notEquals: "TLS1_0" }, { field: tls, notEquals: "tls1_2" }],
    ["like has one wildcard", { field: tls, like: "TLS*2" }, { field: tls, like: "TLS*0" }],
    ["notLike", { field: tls, notLike: "*0" }, { field: tls, notLike: "tls1*" }],
    ["match: # is a digit and ? a letter", { field: tls, match: "???#_#" }, { field: tls, match: "tls#_#" }],
    ["match: . is any character", { field: tls, match: "TLS1.2" }, { field: tls, match: "TLS12" }],
    ["notMatch", { field: tls, notMatch: "tls1_2" }, { field: tls, notMatch: "TLS1_2" }],
    [
      "matchInsensitively",
      { field: tls, matchInsensitively: "tls#_#" },
      { field: tls, matchInsensitively: "tls##" },
    ],
    [
      "notMatchInsensitively",
      { field: tls, notMatchInsensitively: "x" },
      { field: tls, notMatchInsensitively: "tls1_2" },
    ],
    ["contains", { field: tls, contains: "s1_" }, { field: tls, contains: "1_0" }],
    ["notContains", { field: tls, notContains: "1_0" }, { field: tls, notContains: "S1" }],
    ["in", { field: tls, in: ["a", "tls1_2"] }, { field: tls, in: ["TLS1_0"] }],
    ["notIn", { field: tls, notIn: ["TLS1_0"] }, { field: tls, notIn: ["TLS1_2"] }],
    ["containsKey", { field: "tags", containsKey: "OWNER" }, { field: "tags", containsKey: "other" }],
    [
      "notContainsKey",
      { field: "tags", notContainsKey: "other" },
      { field: "tags", notContainsKey: "owner" },
    ],
    ["exists", { field: tls, exists: "true" }, { field: tls, exists: false }],
    ["less", { value: 2, less: 3 }, { value: 3, less: 3 }],
    ["lessOrEquals", { value: 3, lessOrEquals: 3 }, { value: 4, lessOrEquals: 3 }],
    ["greater", { value: 4, greater: 3 }, { value: 3, greater: 3 }],
    ["greaterOrEquals", { value: 3, greaterOrEquals: 3 }, { value: 2, greaterOrEquals: 3 }],
    [
      "texts are compared by their characters",
      { value: "2018-07-01", less: "2019-04-01" },
      { value: "2024-01-01", less: "2019-04-01" },
    ],
    [
      "names of conditions are not case-sensitive",
      { field: tls, NOTEQUALS: "x" },
      { field: tls, Equals: "x" },
    ],
    [
      "allOf",
      {
        allOf: [
          { value: 1, equals: 1 },
          { value: 2, equals: 2 },
        ],
      },
      {
        allOf: [
          { value: 1, equals: 1 },
          { value: 1, equals: 2 },
        ],
      },
    ],
    [
      "anyOf",
      {
        anyof: [
          { value: 1, equals: 2 },
          { value: 2, equals: 2 },
        ],
      },
      { anyOf: [{ value: 1, equals: 2 }] },
    ],
    ["not", { not: { value: 1, equals: 2 } }, { not: { value: 1, equals: 1 } }],
  ])("%s", (_, fulfilled, refused) => {
    expect(holds(fulfilled)).toBe(true);
    expect(holds(refused)).toBe(false);
  });

  test("a missing property equals nothing, is not equal to everything, and fulfils no comparison", () => {
    expect(holds({ field: missing, equals: "true" })).toBe(false);
    expect(holds({ field: missing, equals: "" })).toBe(false);
    expect(holds({ field: missing, notEquals: "true" })).toBe(true);
    expect(holds({ field: missing, in: ["true", ""] })).toBe(false);
    expect(holds({ field: missing, like: "*" })).toBe(false);
    expect(holds({ field: missing, notContains: "x" })).toBe(true);
    expect(holds({ field: missing, greater: 0 })).toBe(false);
    expect(holds({ field: missing, exists: "false" })).toBe(true);
  });

  test("a boolean property equals the text that spells it", () => {
    const shared = { properties: { allowSharedKeyAccess: false } };
    expect(holds({ field: missing, equals: "False" }, shared)).toBe(true);
    expect(holds({ field: missing, equals: false }, shared)).toBe(true);
    expect(holds({ field: missing, equals: "true" }, shared)).toBe(false);
  });

  test("an unknown condition, operator or alias is refused by its name", () => {
    expect(() => holds({ field: tls, resembles: "x" })).toThrow(
      "does not know the condition field, resembles",
    );
    expect(() => holds({ noneOf: [] })).toThrow("does not know the logical operator noneof");
    expect(() => holds({ field: `${type}/color`, equals: "x" })).toThrow(
      `does not know the alias ${type}/color`,
    );
  });

  test("a comparison of different types, and a second wildcard, are errors", () => {
    expect(() => holds({ value: true, less: 3 })).toThrow("their types differ");
    expect(() => holds({ field: tls, like: "*x*" })).toThrow("accepts one wildcard");
  });
});

describe("fields", () => {
  test.each([
    ["name", "stfiles"],
    ["fullName", "stfiles"],
    ["kind", "StorageV2"],
    ["type", type],
    ["identity.type", "SystemAssigned"],
    ["tags.owner", "team"],
    ["tags['owner']", "team"],
    ["tags[cost.centre]", "1000"],
    [`${type}/sku.name`, "Standard_ZRS"],
  ])("%s selects %s", (field, value) => {
    expect(holds({ field, equals: value })).toBe(true);
    expect(holds({ field, equals: "another" })).toBe(false);
  });

  test("a location is the same with spaces and in any case", () => {
    expect(holds({ field: "location", in: ["West Europe"] })).toBe(true);
    expect(holds({ field: "location", equals: "North Europe" })).toBe(false);
  });
});

describe("arrays", () => {
  const rules = `${type}/networkAcls.virtualNetworkRules[*]`;
  const withRules = (...ids: (string | undefined)[]) => ({
    properties: { networkAcls: { virtualNetworkRules: ids.map((id) => ({ id })) } },
  });

  test("a condition on [*] holds when each member fulfils it, and for an empty or missing array", () => {
    expect(holds({ field: `${rules}.id`, equals: "a" }, withRules("a", "A"))).toBe(true);
    expect(holds({ field: `${rules}.id`, equals: "a" }, withRules("a", "b"))).toBe(false);
    expect(holds({ field: `${rules}.id`, equals: "a" }, withRules())).toBe(true);
    expect(holds({ field: `${rules}.id`, exists: "false" })).toBe(true);
  });

  test("count is the number of members, or of those that fulfil where", () => {
    const two = withRules("a", "b");
    expect(holds({ count: { field: rules }, equals: 2 }, two)).toBe(true);
    expect(holds({ count: { field: rules }, equals: 0 })).toBe(true);
    const one = { field: rules, where: { field: `${rules}.id`, equals: "b" } };
    expect(holds({ count: one, equals: 1 }, two)).toBe(true);
    expect(holds({ count: one, greater: 1 }, two)).toBe(false);
  });

  test("in where, the array has the enumerated member only, and other fields stay", () => {
    const where = {
      allOf: [
        { value: `[length(field('${rules}'))]`, equals: 1 },
        { value: `[first(field('${rules}.id'))]`, equals: `[current('${rules}.id')]` },
        { field: "tags.owner", equals: "team" },
      ],
    };
    expect(holds({ count: { field: rules, where }, equals: 2 }, withRules("a", "b"))).toBe(true);
  });

  test("count enumerates a list of values, which current() returns", () => {
    const patterns = {
      value: ["st*", "other*"],
      name: "pattern",
      where: { field: "name", like: "[current('pattern')]" },
    };
    expect(holds({ count: patterns, equals: 1 })).toBe(true);
    expect(
      holds({ count: { value: [1, 2, 3], where: { value: "[current()]", greater: 1 } }, equals: 2 }),
    ).toBe(true);
  });
});
