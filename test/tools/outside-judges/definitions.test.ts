import { beforeAll, expect, test } from "vitest";
import type { DeclaredResources } from "../../../tools/export-arm/declared-resources.ts";
import { definitionsFor } from "../../../tools/outside-judges/azure-policy/azure-policy.ts";
import type { PolicyDefinition } from "../../../tools/outside-judges/azure-policy/definition.ts";
import { definitionsNotJudged } from "../../../tools/outside-judges/azure-policy/definitions/not-judged.ts";
import { judgeByAzurePolicy } from "../../../tools/outside-judges/azure-policy/judge-azure-policy.ts";
import { readPublished } from "../../../tools/outside-judges/azure-policy/published.ts";
import { declaredProgram, withChange } from "./declared-program.ts";
import { type DefinitionCase, definitionCases } from "./definition-cases.ts";

/* Each definition of Azure Policy on the program, and on changes of it that turn its result around. */

/** Checkout of github.com/Azure/azure-policy, where the restated definitions are compared with the published ones. */
const checkout = process.env.AZURE_POLICY_CHECKOUT;
const nowMs = Date.UTC(2026, 5, 1);

let declared: DeclaredResources;
let definitions: PolicyDefinition[];
beforeAll(async () => {
  declared = (await declaredProgram()).get("dev")!;
  definitions = definitionsFor(declared);
});

const shortId = (id: string): string => id.split("-")[0]!;

const change = ({ changes }: DefinitionCase): DeclaredResources =>
  Object.entries(changes).reduce((resources, [name, each]) => withChange(resources, name, each), declared);

/** Whether a resource meets a definition; undefined when the definition is not about it. */
function isMet(all: PolicyDefinition[], { id, resource }: DefinitionCase, resources: DeclaredResources) {
  const results = judgeByAzurePolicy(
    all.filter((each) => shortId(each.id) === id),
    resources,
    nowMs,
  ).filter((each) => each.resource.logicalName === resource);
  return results.length === 0 ? undefined : results.every(({ isPassed }) => isPassed);
}

test.each(
  definitionCases.map((each) => [each.id, each.resource, each.isMet ? "met" : "not met", each] as const),
)("%s: a change of %s has the result %s", (_id, _resource, _result, each) => {
  expect(isMet(definitions, each, change(each))).toBe(each.isMet);
});

test("every definition is met in the program or a change of it, and not met in another", () => {
  const results = new Map<string, Set<boolean>>();
  const add = (id: string, result: boolean) => results.set(id, (results.get(id) ?? new Set()).add(result));
  for (const { rule, isPassed } of judgeByAzurePolicy(definitions, declared, nowMs)) {
    add(rule.replace("Azure Policy ", ""), isPassed);
  }
  for (const each of definitionCases) add(each.id, isMet(definitions, each, change(each))!);
  const incomplete = new Set(
    definitions.map(({ id }) => shortId(id)).filter((id) => results.get(id)?.size !== 2),
  );
  expect([...incomplete]).toEqual([]);
});

test("no definition is both evaluated and listed as not judged, and each reason is a sentence", () => {
  const evaluated = new Set(definitions.map(({ id }) => shortId(id)));
  expect(definitionsNotJudged.filter(({ id }) => evaluated.has(id))).toEqual([]);
  for (const { reason } of definitionsNotJudged) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
});

test.skipIf(!checkout)(
  "the restated definitions have the versions and the results of the published ones (needs AZURE_POLICY_CHECKOUT)",
  () => {
    const published = readPublished(checkout!, definitions);
    expect(published.differences).toEqual([]);
    for (const [index, { mode, effect }] of published.definitions.entries()) {
      expect(definitions[index]).toMatchObject({ mode, effect });
    }
    for (const resources of [declared, ...definitionCases.map(change)]) {
      expect(judgeByAzurePolicy(published.definitions, resources, nowMs)).toEqual(
        judgeByAzurePolicy(definitions, resources, nowMs),
      );
    }
  },
);
