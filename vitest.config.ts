import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Node 24 ships node:sqlite as experimental; the sandbox's store uses it on purpose.
    execArgv: ["--disable-warning=ExperimentalWarning"],
  },
});
