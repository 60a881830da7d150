import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { projectRoot } from "./project-root.ts";

/** Files that run for longer than the rest, in seconds on two idle cores. */
export const seconds: Record<string, number> = {
  "test/cli/onboarding/import-job.test.ts": 117,
  "test/tools/judge/judge.test.ts": 93,
  "test/sandbox/main.test.ts": 91,
  "test/cli/lifecycle/revoke-among-many.test.ts": 88,
  "test/policy/rules.test.ts": 62,
  "test/cli/commands/audit.test.ts": 59,
  "test/tools/demo/demo.test.ts": 55,
  "test/e2e/deploy.test.ts": 45,
  "test/e2e/mistakes.test.ts": 45,
  "test/cli/onboarding/onboard-crash.test.ts": 42,
  "test/faults/onboarding.test.ts": 41,
  "test/cli/onboarding/onboard.test.ts": 36,
  "test/cli/audit-log/audit.test.ts": 36,
};

/** Starts the longest test files first, so that none of them runs alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const durationOf = ({ moduleId }: TestSpecification) =>
      seconds[relative(projectRoot, moduleId).replaceAll("\\", "/")] ?? 0;
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => durationOf(other) - durationOf(one));
  }
}
