import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../support/folder.ts";

/** Writes a batch of `count` terminals, optionally with the first one twice. */
async function writeBatch(file: string, count: number, hasDuplicate: boolean): Promise<void> {
  const stream = createWriteStream(file);
  stream.write("terminal;site;customer\n");
  for (let number = 0; number < count; number++) {
    const line = `terminal-${number};Site ${number % 5_000};example-customer\n`;
    if (!stream.write(line)) await once(stream, "drain");
  }
  if (hasDuplicate) stream.write("terminal-0;Site 0;example-customer\n");
  stream.end();
  await once(stream, "finish");
}

interface CheckResult {
  terminals: number;
  sites: number;
  problems: { line: number; reason: string }[];
  peakMb: number;
}

/** Checks a batch in a process whose heap cannot hold the rows of the larger batch. */
function check(file: string): CheckResult {
  const script = join(import.meta.dirname, "check-batch.ts");
  const output = execFileSync(process.execPath, ["--max-old-space-size=32", script, file], {
    encoding: "utf8",
  });
  return JSON.parse(output) as CheckResult;
}

test("checking 300,000 lines takes the memory for a thousand lines and some bytes a line", async () => {
  await using folder = await temporaryFolder();
  const [small, large] = [folder.file("small.csv"), folder.file("large.csv")];
  await writeBatch(small, 1_000, false);
  await writeBatch(large, 299_999, true);
  const few = check(small);
  const many = check(large);
  expect(few).toMatchObject({ terminals: 1_000, sites: 1_000, problems: [] });
  expect(many.problems).toEqual([{ line: 300_001, reason: "terminal terminal-0 is on line 2 too" }]);
  // The index of IDs for finding duplicates takes 32 bytes a line, and twice that while it grows. It is outside of the
  // heap that is limited above.
  expect(many.peakMb - few.peakMb).toBeLessThan(80);
});
