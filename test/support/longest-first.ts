import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { projectRoot } from "./project-root.ts";

/** Files that run for longer than the rest, in seconds beside other files on two cores. */
export const seconds: Record<string, number> = {
  "test/cli/onboarding/import-job.test.ts": 117,
  "test/tools/judge/judge.test.ts": 110,
  "test/tools/demo/demo.test.ts": 105,
  "test/policy/rules.test.ts": 96,
  "test/cli/lifecycle/revoke-among-many.test.ts": 88,
  "test/e2e/deploy.test.ts": 80,
  "test/faults/proxies.test.ts": 74,
  "test/tools/judge/integrity.test.ts": 70,
  "test/tools/judge/comparison.test.ts": 70,
  "test/cli/onboarding/onboard-crash.test.ts": 70,
  "test/cli/commands/audit.test.ts": 59,
  "test/faults/onboarding.test.ts": 57,
  "test/tools/preflight/preflight.test.ts": 55,
  "test/e2e/mistakes.test.ts": 50,
  "test/cli/lifecycle/revoke-customers.test.ts": 48,
  "test/cli/azure/http.test.ts": 46,
  "test/sandbox/commands.test.ts": 45,
  "test/sandbox/main.test.ts": 42,
  "test/e2e/secrets.test.ts": 41,
  "test/policy/azure-package.test.ts": 40,
  "test/sandbox/package.test.ts": 40,
  "test/cli/onboarding/onboard.test.ts": 36,
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
