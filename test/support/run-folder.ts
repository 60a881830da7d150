import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The variable by which the processes of one test run know their common folder. */
const variable = "TERMINAL_FLEET_TEST_RUN";

/**
 * Path of the folder that all processes of a test run share. The global setup creates it; a program that uses the test
 * support without Vitest (a benchmark) gets one that is deleted when its process exits.
 */
export function runFolder(): string {
  const known = process.env[variable];
  if (known) return known;
  const folder = createRunFolder();
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates the folder of a new test run, for this process and those that it starts. */
export function createRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "terminal-fleet-test-run-"));
  process.env[variable] = folder;
  return folder;
}
