import { join } from "node:path";
import { findPulumi } from "@terminal-fleet/pulumi-cli";
import { type Sandbox, startSandbox } from "@terminal-fleet/sandbox/in-process";
import { readDeclaredResources } from "../export-arm/declared-resources.ts";
import { judgeFromOutside } from "../outside-judges/outside-judges.ts";
import type { BaseProgram, NoBase } from "./base/base-program.ts";
import { readAcceptances } from "./comparison/acceptances.ts";
import { judgedEnvironment } from "./deployment/environment.ts";
import { type EnvironmentVerdict, judgeEnvironment } from "./judge-environment.ts";
import { limitsOf } from "./limits.ts";
import type { JudgeOptions } from "./options.ts";
import { compareWithBasePack } from "./pack/pack-integrity.ts";
import { describePack, type PackDescription, packScore } from "./pack/pack-rules.ts";
import { type Finding, sortFindings } from "./report/finding.ts";
import type { JudgeScore, Report } from "./report/report.ts";
import { closingText, environmentText } from "./report/terminal.ts";
import { writeReport, writeToGitHub } from "./report/write-report.ts";

/** A run of the judge. */
export interface JudgeRun {
  /** Folder of the changed program. */
  root: string;
  /** Folder for temporary files. */
  dir: string;
  options: JudgeOptions;
  base: BaseProgram | NoBase;
  /** Ends the run. */
  signal: AbortSignal;
}

/** Judges all stacks, and prints and writes the report. @returns The exit code. */
export async function judgeChange({ root, dir, options, base, signal }: JudgeRun): Promise<number> {
  const comparable = "root" in base ? base : undefined;
  const cli = await findPulumi();
  const sandbox = await startSandbox({ dir: join(dir, "sandbox") });
  try {
    const [pack, basePack] = await describePacks(root, comparable, dir);
    const acceptances = {
      now: readAcceptances(root),
      before: comparable ? readAcceptances(comparable.root) : [],
    };
    const change = { root, base: comparable, pack, acceptances, updatesSnapshot: options.updatesSnapshot };
    const verdicts: EnvironmentVerdict[] = [];
    for (const stack of options.stacks) {
      const workplace = { cli, sandbox, dir, signal };
      const verdict = await judgeEnvironment(workplace, change, stack);
      console.log(environmentText(verdict.environment, sortFindings(verdict.findings)));
      verdicts.push(verdict);
    }
    const outside = await askOutside(options, sandbox, verdicts);
    const findings = [
      ...(basePack ? compareWithBasePack(pack, basePack) : []),
      ...verdicts.flatMap((verdict) => verdict.findings),
      ...outside.findings,
      ...limitsOf(base),
    ];
    const scores = [packScore(pack, findings), ...outside.scores];
    const report = toReport(comparable, verdicts, findings, scores);
    console.log(closingText(report));
    if (options.report !== undefined) writeReport(report, options.report);
    writeToGitHub(report);
    return report.verdict === "passed" ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

/** The rules of the change's pack, and those of the base's. */
function describePacks(
  root: string,
  base: BaseProgram | undefined,
  dir: string,
): Promise<[PackDescription, PackDescription | undefined]> {
  const env = judgedEnvironment({}, join(dir, "judged"));
  return Promise.all([describePack(root, env), base && describePack(base.root, env)]);
}

async function askOutside(
  { asksOutside, isComplete }: JudgeOptions,
  { azure: { subscriptionId, tenantId } }: Sandbox,
  verdicts: EnvironmentVerdict[],
): Promise<{ findings: Finding[]; scores: JudgeScore[] }> {
  if (!asksOutside) return { findings: [], scores: [] };
  const declared = verdicts.map(
    ({ environment, state }) =>
      [environment.name, readDeclaredResources(state, { subscriptionId, tenantId })] as const,
  );
  return judgeFromOutside(new Map(declared), { isComplete, report: (line) => console.error(line) });
}

function toReport(
  base: BaseProgram | undefined,
  verdicts: EnvironmentVerdict[],
  findings: Finding[],
  judges: JudgeScore[],
): Report {
  return {
    version: 1,
    verdict: findings.some(({ level }) => level === "failure") ? "failed" : "passed",
    base: base ? { ref: base.ref, commit: base.commit } : null,
    environments: verdicts.map(({ environment }) => environment),
    judges,
    findings: sortFindings(findings),
  };
}
