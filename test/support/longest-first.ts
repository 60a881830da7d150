import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { projectRoot } from "./project-root.ts";

/** Files that run for longer than the rest, in seconds beside other files on two cores. */
export const seconds: Record<string, number> = {
  "test/tools/demo/demo.test.ts": 118,
  "test/tools/judge/judge.test.ts": 111,
  "test/faults/proxies.test.ts": 100,
  "test/cli/onboarding/onboard-crash.test.ts": 71,
  "test/cli/onboarding/import-job.test.ts": 69,
  "test/tools/judge/integrity.test.ts": 65,
  "test/e2e/deploy.test.ts": 64,
  "test/policy/mutations/mutations.test.ts": 57,
  "test/tools/preflight/preflight.test.ts": 54,
  "test/e2e/mistakes.test.ts": 54,
  "test/tools/judge/comparison.test.ts": 52,
  "test/cli/azure/http.test.ts": 47,
  "test/faults/onboarding.test.ts": 46,
  "test/tools/outside-judges/program.test.ts": 43,
  "test/cli/terminal-ui/on-a-terminal.test.ts": 43,
  "test/cli/commands/audit.test.ts": 43,
  "test/sandbox/main.test.ts": 40,
  "test/e2e/files-through-restarts.test.ts": 40,
  "test/tools/conformance/conformance.test.ts": 39,
  "test/sandbox/pulumi-providers/engine.test.ts": 38,
  "test/policy/azure-package.test.ts": 38,
  "test/policy/rules.test.ts": 37,
  "test/cli/commands/file-commands.test.ts": 36,
  "test/cli/credentials/key-files.test.ts": 34,
  "test/cli/lifecycle/revoke-without-services.test.ts": 31,
  "test/cli/lifecycle/revoke-service-faults.test.ts": 31,
  "test/cli/lifecycle/revoke-among-many.test.ts": 30,
  "test/sandbox/services/storage/azurite/azurite.test.ts": 29,
  "test/faults/lifecycle.test.ts": 28,
  "test/cli/azure/stall-watch.test.ts": 27,
  "test/cli/onboarding/onboard.test.ts": 26,
  "test/cli/audit-log/recorded-changes.test.ts": 26,
  "test/tools/export-arm/export-arm.test.ts": 25,
  "test/sandbox/package.test.ts": 25,
  "test/cli/lifecycle/revoke-customers.test.ts": 25,
  "test/e2e/secrets.test.ts": 24,
  "test/tools/conformance/azure-target.test.ts": 23,
  "test/cli/lifecycle/key-rotation/subscription-key.test.ts": 22,
  "test/workflows/drift.test.ts": 21,
  "test/cli/lifecycle/key-rotation/rotate-crash.test.ts": 21,
  "test/cli/commands/send-several.test.ts": 21,
  "test/sandbox/services/iot-hub/many.test.ts": 20,
  "test/policy/preview.test.ts": 19,
};

/**
 * Starts the longest test files first, so that none of them runs alone at the end. The files that share processes come
 * last and together: Vitest ends a shared process before a file that needs its own.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const durationOf = ({ moduleId }: TestSpecification) =>
      seconds[relative(projectRoot, moduleId).replaceAll("\\", "/")] ?? 0;
    const isolation = ({ project }: TestSpecification) => Number(project.config.isolate);
    const sorted = await super.sort(files);
    return sorted.sort(
      (one, other) => isolation(other) - isolation(one) || durationOf(other) - durationOf(one),
    );
  }
}
