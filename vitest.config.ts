import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Messages are English in tests, whatever the language of the computer. Commands inherit the variable.
    // No test ends Pulumi's engine by force, so the engine writes a stack's state once, and not after every resource.
    env: { TERMINALS_LANG: "en", PULUMI_SKIP_CHECKPOINTS: "true" },
    globalSetup: ["test/support/global-setup.ts"],
    sequence: { sequencer: LongestFirst },
    // Most tests wait for processes and timers, so more files than cores run at a time.
    maxWorkers: Math.min(2 * availableParallelism(), 8),
    // A test that waits has a deadline of its own, with a reason; this one ends a test that hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    execArgv: [
      // The sandbox's store uses node:sqlite, which Node 24 calls experimental.
      "--disable-warning=ExperimentalWarning",
      // Memory of each worker in MiB: a test that leaks fails, and the machine does not swap.
      "--max-old-space-size=2048",
    ],
  },
});
