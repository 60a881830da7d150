import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Node 24 ships node:sqlite as experimental, and the store uses it on purpose; a test that eats memory ends.
    execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=3072"],
  },
});
