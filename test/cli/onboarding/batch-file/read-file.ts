import { writeFileSync } from "node:fs";
import { checkBatch, type Problem, readBatch } from "../../../../cli/onboarding/batch-file/batch.ts";
import type { Terminal } from "../../../../cli/onboarding/batch-file/rows.ts";
import { temporaryFolder } from "../../../support/folder.ts";

/** Checks and reads a batch file with this content, as `onboard` does. */
export async function readFile(content: Uint8Array | string, customer?: string, sheet?: string) {
  await using folder = await temporaryFolder();
  const file = folder.file("batch.csv");
  writeFileSync(file, content);
  const problems: Problem[] = [];
  const batch = await checkBatch(file, {
    customer,
    sheet,
    onProblem: (problem) => problems.push(problem),
  });
  const terminals: Terminal[] = [];
  if (batch) for await (const terminal of readBatch(batch)) terminals.push(terminal);
  return { batch, problems, terminals };
}
