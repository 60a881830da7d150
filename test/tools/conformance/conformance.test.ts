import { afterAll, beforeAll, expect, test } from "vitest";
import { checks } from "../../../tools/conformance/checks/index.ts";
import { type CheckResult, runChecks } from "../../../tools/conformance/runner.ts";
import { openSandboxTarget } from "../../../tools/conformance/targets/sandbox.ts";
import type { Target } from "../../../tools/conformance/targets/target.ts";

/* The suite that also runs against Azure, against one sandbox. */

let target: Target;
let results: CheckResult[];

beforeAll(async () => {
  target = await openSandboxTarget();
  results = await runChecks(target, { checks });
});
afterAll(() => target[Symbol.asyncDispose]());

test.each(checks.map(({ id, title }) => [id, title]))("%s: %s", (id) => {
  const result = results.find((each) => each.id === id);
  expect(result?.observations.filter(({ ok }) => !ok)).toEqual([]);
  expect(result).toMatchObject({ verdict: "passed" });
});

test("each check has an ID of its own and the address of a source", () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  for (const { id, source } of checks) expect(URL.canParse(source), id).toBe(true);
});
