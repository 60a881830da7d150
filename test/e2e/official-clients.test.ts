import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDeployedStack } from "../support/deployed-stack.ts";
import { outcome, startProgram } from "../support/processes.ts";
import type { TestStack } from "../support/test-stack.ts";

let stack: TestStack;
let outputs: string;

beforeAll(async () => {
  stack = await startDeployedStack();
  outputs = join(stack.folder, "outputs.json");
  writeFileSync(outputs, JSON.stringify(await stack.outputs()));
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** Runs the official clients in a process of their own, as one of the sandbox's test principals. */
function run(as: "deployer" | "operator", env: NodeJS.ProcessEnv = {}) {
  const options = { env: { ...stack.env(as), ...env } };
  return outcome(startProgram("test/e2e/official-clients.ts", [outputs], options));
}

test("the official clients work unmodified, over TLS, under Azure's own host names", async () => {
  const { code, output, stdout } = await run("operator");
  expect(code, output).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    "@azure/identity": true,
    "@azure/arm-storage": 2,
    "@azure/storage-blob": "hello",
    "@azure/data-tables": "revoked",
    "azure-iothub": 32,
    "@azure/arm-iothub": ["westeurope", "S1"],
    "@azure/arm-apimanagement": ["active", true],
  });
});

test("an owner of the subscription has no right to the data, as in Azure", async () => {
  const { code, output } = await run("deployer");
  expect(code).not.toBe(0);
  // An owner may list the account's keys, which open blobs. The table is the first to require a role for data.
  expect(output).toContain("AuthorizationPermissionMismatch");
});

test("without the sandbox's CA the clients refuse its certificate", async () => {
  const { code, output } = await run("operator", { NODE_EXTRA_CA_CERTS: "" });
  expect(code).not.toBe(0);
  expect(output).toMatch(/certificate|network_error/i);
});
