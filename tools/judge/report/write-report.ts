import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toAnnotations } from "./annotations.ts";
import type { Report } from "./report.ts";
import { toSarif } from "./sarif.ts";
import { toSummary } from "./summary.ts";

/** Limits of GitHub. Sources: "Workflow commands", job summaries; REST reference, "Create an issue comment". */
const stepSummaryBytes = 1024 * 1024;
export const commentCharacters = 65_536;

/**
 * Writes the report into a folder, which is created: `report.json` (tools/judge/report/report.schema.json),
 * `report.sarif` (failures only) and `summary.md` (short enough for a comment).
 */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("report.json", `${JSON.stringify(report, undefined, 2)}\n`);
  write("report.sarif", `${JSON.stringify(toSarif(report), undefined, 2)}\n`);
  write("summary.md", toSummary(report, { maximumCharacters: commentCharacters }));
}

/** Writes annotations and the job summary where GitHub Actions runs the judge, and nothing elsewhere. */
export function writeToGitHub(report: Report, env = process.env, print = console.log): void {
  if (env.GITHUB_ACTIONS !== "true") return;
  for (const line of toAnnotations(report)) print(line);
  if (env.GITHUB_STEP_SUMMARY) {
    // A character has four bytes at most.
    appendFileSync(env.GITHUB_STEP_SUMMARY, toSummary(report, { maximumCharacters: stepSummaryBytes / 4 }));
  }
}
