import { afterEach, expect, test, vi } from "vitest";
import { readOutputs, stackNameOf } from "../../../cli/arguments/stack-connection.ts";
import { temporaryFolder } from "../../support/folder.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  [{}, undefined, undefined],
  [{}, "", undefined],
  [{}, "dev", "dev"],
  [{ stack: "prod" }, "dev", "prod"],
  [{ outputs: "outputs.json" }, "dev", undefined],
] as const)("with the options %j and TERMINALS_STACK %j, the stack is %j", (options, variable, stack) => {
  vi.stubEnv("TERMINALS_STACK", variable);
  expect(stackNameOf(options)).toBe(stack);
});

test.each([
  [{}, "from-variable"],
  [{ stack: "from-option" }, "from-option"],
])("with the options %j, Pulumi is asked for the stack %s", async (options, stack) => {
  await using folder = await temporaryFolder();
  vi.stubEnv("TERMINALS_STACK", "from-variable");
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder.path}`);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "none");
  await expect(readOutputs(options)).rejects.toThrow(stack);
});
