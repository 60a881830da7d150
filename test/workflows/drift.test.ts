import { afterAll, beforeAll, expect, test } from "vitest";
import { startDeployedStack } from "../support/deployed-stack.ts";
import type { TestStack } from "../support/test-stack.ts";

/*
 * The two commands of .github/workflows/drift.yml, on a deployed stack.
 */

let stack: TestStack;
beforeAll(async () => {
  stack = await startDeployedStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const compareState = () => stack.pulumi("refresh", "--preview-only", "--expect-no-changes", "--diff");
const compareProgram = () =>
  stack.pulumi("preview", "--refresh", "--expect-no-changes", "--diff", "--policy-pack", "policies");

test("both commands pass on a stack that nobody changed", async () => {
  expect(await compareState()).toMatchObject({ code: 0 });
  expect(await compareProgram()).toMatchObject({ code: 0 });
});

test("both commands fail and show the property that was changed by another way", async () => {
  const { resources } = stack.sandbox.azure;
  const [account] = resources.list("Microsoft.Storage/storageAccounts");
  resources.put({ ...account!, properties: { ...account!.properties, minimumTlsVersion: "TLS1_0" } });
  for (const compare of [compareState, compareProgram]) {
    const { code, output } = await compare();
    expect(output).toContain("minimumTlsVersion");
    expect(code).not.toBe(0);
  }
});
