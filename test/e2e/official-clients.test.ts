import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outcome, TestStack } from "../support/stack.ts";

let stack: TestStack;
let outputs: string;

beforeAll(async () => {
  stack = await TestStack.start();
  expect((await stack.up()).code).toBe(0);
  outputs = join(stack.folder, "outputs.json");
  writeFileSync(outputs, JSON.stringify(await stack.outputs()));
});
afterAll(() => stack.stop());

/** Runs the official clients in a process of their own, with the environment of one of the sandbox's people. */
function run(as: "deployer" | "operator", env: NodeJS.ProcessEnv = {}) {
  const program = join(import.meta.dirname, "official-clients.ts");
  return outcome(
    spawn(process.execPath, [program, outputs], {
      env: { ...stack.env(as), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

test("the official clients work unmodified, over TLS, under Azure's own host names", async () => {
  await stack.joinOperators();
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
  // Owners may list the account's keys, so blobs open; the table is the first that asks for a role on data.
  expect(output).toContain("AuthorizationPermissionMismatch");
});

test("without the sandbox's CA the clients refuse its certificate", async () => {
  const { code, output } = await run("operator", { NODE_EXTRA_CA_CERTS: "" });
  expect(code).not.toBe(0);
  expect(output).toMatch(/certificate|network_error/i);
});
