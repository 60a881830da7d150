import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { outcome } from "../support/processes.ts";
import { projectRoot } from "../support/project-root.ts";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

test("npm run test:faults runs all seeds", async () => {
  const args = [vitest, "list", "--mode", "faults", "test/faults/rotation.test.ts"];
  const env = { ...process.env, FAULT_SEED: "" };
  const { output } = await outcome(spawn(process.execPath, args, { cwd: projectRoot, env }));
  expect(output).toContain("(130 seeds)");
});
