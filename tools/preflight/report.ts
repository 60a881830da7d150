import { exitCodes, type Output, toLines } from "@terminal-fleet/cli/azure-access";
import { count, type Result } from "./check.ts";
import type { Line } from "./run-checks.ts";

/**
 * Exit code when no check failed and some could not tell. The other codes are those of the command line; 5 and 70 have
 * other meanings there.
 */
export const couldNotTellExitCode = 6;

const words: Record<Result, string> = {
  passed: "passed",
  failed: "failed",
  couldNotTell: "could not tell",
};

/** Writes one line a check; for people with facts and remedy below it, with `--json` as one object. */
export class Report {
  readonly lines: Line[] = [];
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  add(line: Line): void {
    this.lines.push(line);
    const { id, finding } = line;
    const { result, reason, details = [] } = finding;
    const remedy = finding.remedy === undefined ? [] : toLines(finding.remedy);
    const value = {
      check: id,
      result,
      reason,
      ...(details.length > 0 ? { details } : {}),
      ...(remedy.length > 0 ? { remedy: remedy.join("\n") } : {}),
    };
    const columns = `${words[result].padEnd(16)}${id.padEnd(20)}`;
    const below = [...details.map((detail) => `- ${detail}`), ...remedy];
    this.output.result("check", value, [
      `${columns}${reason}`,
      ...below.map((text) => `${" ".repeat(36)}${text}`),
    ]);
  }

  end(): void {
    const number = (result: Result) => this.lines.filter(({ finding }) => finding.result === result).length;
    const value = {
      passed: number("passed"),
      failed: number("failed"),
      couldNotTell: number("couldNotTell"),
    };
    const parts = [
      `${value.passed} passed`,
      `${value.failed} failed`,
      `${value.couldNotTell} could not tell`,
    ];
    this.output.result("summary", value, `${count(this.lines.length, "check")}: ${parts.join(", ")}.`);
  }
}

/** The exit code of a report. Azure must have answered the first check, that of the subscription. */
export function exitCodeOf(lines: Line[]): number {
  const blocked = lines[0]?.finding.blocked;
  if (blocked) return exitCodes[blocked];
  if (lines.some(({ finding }) => finding.result === "failed")) return exitCodes.failed;
  if (lines.some(({ finding }) => finding.result === "couldNotTell")) return couldNotTellExitCode;
  return exitCodes.done;
}
