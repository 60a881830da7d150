import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { projectRoot } from "./project-root.ts";

/** Files that run for longer than the rest, in seconds on two idle cores. */
const seconds: Record<string, number> = {
  "test/cli/onboarding/import-job.test.ts": 117,
  "test/e2e/judge.test.ts": 93,
  "test/e2e/demo.test.ts": 75,
  "test/e2e/mistakes.test.ts": 54,
  "test/e2e/deploy.test.ts": 53,
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
