import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../tools/judge/report/finding.ts";
import type { Report } from "../../../tools/judge/report/report.ts";
import { type Outcome, outcome } from "../../support/processes.ts";
import { copyProgram } from "../../support/program-copy.ts";

/** Starts the judge of a project, with its temporary files in `folder`. */
export function startJudge(folder: string, project: string, ...args: string[]) {
  return startJudgeWith({}, folder, project, ...args);
}

/** As {@link startJudge}, with these variables in the reviewer's environment. */
export function startJudgeWith(env: NodeJS.ProcessEnv, folder: string, project: string, ...args: string[]) {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(project, "tools", "judge", "judge.ts"), ...args],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, GITHUB_ACTIONS: "", ...env, TMPDIR: folder },
    },
  );
  return { child, ended: outcome(child) };
}

/**
 * Copies the program into a folder and commits it there: the base branch of the changes that tests make. The tests of a
 * file share the copy, whose path Node's compile cache knows from the second test on: see {@link resetProgram}.
 */
export function commitProgram(folder: string): string {
  copyProgram(folder);
  git(folder, "init", "--quiet", "--initial-branch=main");
  writeFileSync(join(folder, ".git", "info", "exclude"), "node_modules\n");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message=base");
  git(folder, "tag", "base");
  return folder;
}

/** Removes the changes and the commits of an earlier test from a program that {@link commitProgram} made. */
export function resetProgram(project: string): void {
  git(project, "reset", "--quiet", "--hard", "base");
  git(project, "clean", "--quiet", "--force", "-d");
}

/** Runs git in a folder, without the settings of the user. */
export function git(folder: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "commit.gpgsign=false",
  ];
  return execFileSync("git", ["-C", folder, ...identity, ...args], { encoding: "utf8" }).trim();
}

/** Judges a project that {@link commitProgram} made, and reads the report. */
export async function judgeChange(
  folder: string,
  project: string,
  ...args: string[]
): Promise<Outcome & { report: Report; failures: Finding[] }> {
  const target = join(folder, "report");
  const result = await startJudge(folder, project, ...args, "--report", target).ended;
  const report = JSON.parse(readFileSync(join(target, "report.json"), "utf8")) as Report;
  return { ...result, report, failures: report.findings.filter(({ level }) => level === "failure") };
}
