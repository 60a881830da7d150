import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/** Settings of every test file, in the mode of the command line. */
const everywhere = (mode: string) => ({
  // Messages are English in tests, whatever the language of the computer. Commands inherit the variable.
  // No test ends Pulumi's engine by force, so the engine writes a stack's state once, and not after every resource.
  env: {
    TERMINALS_LANG: "en",
    PULUMI_SKIP_CHECKPOINTS: "true",
    // Projects do not receive the mode of the command line: "faults" (all seeds), "clients" (other languages) or "test".
    TEST_MODE: mode,
  },
  // A test that waits has a deadline of its own, with a reason; this one ends a test that hangs.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  execArgv: [
    // The sandbox's store uses node:sqlite, which Node 24 calls experimental.
    "--disable-warning=ExperimentalWarning",
    // Memory of each worker in MiB: a test that leaks fails, and the machine does not swap.
    "--max-old-space-size=2048",
  ],
});

/**
 * Files that need a process of their own: they measure memory or time, change what a whole process shares, or open
 * thousands of connections. All other files leave their process as they found it, and share processes, which saves the
 * time to load the modules.
 */
const ownProcess = [
  "test/faults/**/*.test.ts",
  "test/cli/azure/{http,stall-watch}.test.ts",
  "test/cli/lifecycle/revoke-among-many.test.ts",
  "test/cli/onboarding/batch-file/memory.test.ts",
  "test/cli/words/language.test.ts",
  "test/sandbox/proxy/proxy.test.ts",
  "test/tools/judge/lint-list.test.ts",
  "test/tools/pulumi-cli/lazy-sdk-modules.test.ts",
];

export default defineConfig(({ mode }) => ({
  test: {
    // Node loads the modules itself, as it does for users: Vite would transform and load each file again in each process.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // The run's own settings. A setup of a project would run once for each project.
    globalSetup: ["test/support/global-setup.ts"],
    sequence: { sequencer: LongestFirst },
    // A busy machine needs more than the default of ten seconds to end a process.
    teardownTimeout: 60_000,
    // Most tests wait for processes and timers, so more files than cores run at a time.
    maxWorkers: Math.min(2 * availableParallelism(), 8),
    projects: [
      { test: { ...everywhere(mode), name: "own process", include: ownProcess } },
      {
        test: {
          ...everywhere(mode),
          name: "shared process",
          include: ["test/**/*.test.ts"],
          exclude: ownProcess,
          isolate: false,
        },
      },
    ],
  },
}));
