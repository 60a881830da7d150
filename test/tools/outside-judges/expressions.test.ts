import { expect, test } from "vitest";
import { evaluateValue } from "../../../tools/outside-judges/azure-policy/language/evaluate-expression.ts";
import { accountContext } from "./account-context.ts";

/*
 * Template expressions in policy rules. Sources: "ARM template functions" (azure-resource-manager/templates/
 * template-functions), "Syntax and expressions in ARM templates" (template-expressions), and for field, current, utcNow,
 * addDays and requestContext "Azure Policy definition structure policy rule".
 */

const evaluate = (expression: string, parameters?: Record<string, unknown>) =>
  evaluateValue(expression, accountContext({}, parameters));

const period = "field('Microsoft.Storage/storageAccounts/sasPolicy.sasExpirationPeriod')";

test.each<[string, unknown]>([
  ["plain text", "plain text"],
  ["[[in brackets]", "[in brackets]"],
  ["[concat('tags[', 'it''s', ']')]", "tags[it's]"],
  ["[concat(createArray(1), createArray(2, -3))]", [1, 2, -3]],
  ["[toLower('ABC')]", "abc"],
  ["[toUpper('abc')]", "ABC"],
  ["[length('abc')]", 3],
  ["[length(field('tags'))]", 2],
  ["[empty('')]", true],
  ["[empty(createArray(1))]", false],
  ["[not(equals(1, 1))]", false],
  ["[and(true(), false())]", false],
  ["[or(true(), false())]", true],
  ["[if(empty(''), 'a', int('not a number'))]", "a"],
  ["[if(false(), int('not a number'), 'b')]", "b"],
  ["[coalesce(null(), 'x')]", "x"],
  ["[contains('abc', 'b')]", true],
  ["[contains(createArray('a'), 'b')]", false],
  ["[first('abc')]", "a"],
  ["[first(createArray('x', 'y'))]", "x"],
  ["[int('30')]", 30],
  ["[less(1, 2)]", true],
  ["[greaterOrEquals('b', 'a')]", true],
  ["[padLeft('7', 3, '0')]", "007"],
  ["[replace('a b', ' ', '')]", "ab"],
  ["[split('30.00:00:00', createArray(':', '.'))[0]]", "30"],
  ["[string(5)]", "5"],
  ["[trim(' a ')]", "a"],
  ["[utcNow()]", "2026-01-31T00:00:00.0000000Z"],
  ["[addDays('2026-01-01T00:00:00.000Z', 30)]", "2026-01-31T00:00:00.0000000Z"],
  ["[requestContext().apiVersion]", "2024-01-01"],
  ["[resourceGroup().name]", "rg"],
  ["[resourcegroup().managedBy]", ""],
  [`[int(split(${period}, createArray(':', '.'))[0])]`, 30],
  ["[field('Microsoft.Storage/storageAccounts/allowSharedKeyAccess')]", ""],
  ["[field('Microsoft.Storage/storageAccounts/networkAcls.ipRules[*]')]", []],
])("%s is %o", (expression, value) => {
  expect(evaluate(expression)).toEqual(value);
});

test("parameters() returns the parameter's value, and is refused for one without a value", () => {
  expect(evaluate("[parameters('regions')]", { regions: ["westeurope"] })).toEqual(["westeurope"]);
  expect(() => evaluate("[parameters('regions')]")).toThrow(
    "The parameter regions has no value and no default.",
  );
});

test("a function that is not known is refused by its name", () => {
  expect(() => evaluate("[uniqueString('a')]")).toThrow("does not know the template function uniqueString()");
});

test("a fault in the syntax shows the expression", () => {
  for (const expression of ["[concat('a']", "[concat(]", "[a b()]", "[concat('a') 'b']", "[concat(#)]"]) {
    expect(() => evaluate(expression)).toThrow("has a fault before position");
  }
});

test("arguments of a wrong type, a missing index and a missing property are errors", () => {
  expect(() => evaluate("[int('x')]")).toThrow('int cannot convert "x"');
  expect(() => evaluate("[toLower(1)]")).toThrow("toLower needs a text, not 1.");
  expect(() => evaluate("[split('a', ':')[1]]")).toThrow("no index 1");
  expect(() => evaluate("[resourceGroup().color]")).toThrow("The property color does not exist.");
  expect(() => evaluate("[current()]")).toThrow("allowed in the condition of a count only");
});
