import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import type { DeclaredResources } from "../../export-arm/declared-resources.ts";
import { subscriptionTemplate } from "../../export-arm/template.ts";
import type { JudgeOutcome, OutsideResult } from "../result.ts";
import { checkovVersion, installCheckov } from "./install.ts";

/** Limit of one run. It takes about four seconds. */
const runMs = 300_000;

const record = z.object({
  check_id: z.string(),
  check_name: z.string(),
  resource: z.string(),
  file_path: z.string(),
});
const reportSchema = z.object({
  results: z.object({
    passed_checks: z.array(record),
    failed_checks: z.array(record),
    skipped_checks: z.array(record),
    parsing_errors: z.array(z.string()),
  }),
  summary: z.object({ checkov_version: z.string() }),
});

/**
 * Judges stacks by checkov, on the template of each. checkov gets no network and no variable of this process.
 * @param report Receives one line of progress at a time.
 */
export async function runCheckov(
  stacks: Map<string, DeclaredResources>,
  report: (line: string) => void,
): Promise<JudgeOutcome> {
  const outcome: JudgeOutcome = {
    judge: "checkov",
    version: checkovVersion,
    results: new Map(),
    notJudged: [],
  };
  let python: string;
  try {
    python = await installCheckov(report);
  } catch (error) {
    return { ...outcome, couldNotRun: (error as Error).message };
  }
  const folder = mkdtempSync(join(tmpdir(), "terminal-fleet-checkov-"));
  try {
    for (const [stack, declared] of stacks) {
      const template = JSON.stringify(subscriptionTemplate(declared), undefined, 2);
      writeFileSync(join(folder, templateName(stack)), template);
    }
    outcome.results = readReport(await run(python, [...stacks.keys()].map(templateName), folder), stacks);
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const templateName = (stack: string) => `${stack}.json`;

/**
 * Runs checkov once on all templates: it starts for most of its time. Its exit code is 1 when a check fails, so only its
 * report decides.
 */
function run(python: string, templates: string[], home: string): Promise<string> {
  const args = [
    "-m",
    "checkov.main",
    "--file",
    ...templates,
    "--framework",
    "arm",
    "--output",
    "json",
    "--compact",
  ];
  const env = {
    PATH: process.env.PATH,
    SYSTEMROOT: process.env.SYSTEMROOT,
    HOME: home,
    USERPROFILE: home,
    // No program listens on this port: what checkov would send is refused on this computer.
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
  };
  return new Promise((resolve, reject) => {
    const options = { cwd: home, env, timeout: runMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(python, [...args, "--skip-download"], options, (error, stdout, stderr) => {
      if (error && error.code !== 1) reject(new Error(`checkov failed: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

/**
 * Reads checkov's report, which names the template of each result.
 * @throws Error when checkov could not read a template, skipped a check, left a template out or names no resource.
 */
function readReport(json: string, stacks: Map<string, DeclaredResources>): Map<string, OutsideResult[]> {
  const { results, summary } = reportSchema.parse(JSON.parse(json));
  if (results.parsing_errors.length > 0) throw new Error("checkov could not read a template.");
  if (summary.checkov_version !== checkovVersion)
    throw new Error(`checkov has version ${summary.checkov_version}.`);
  // A check is skipped by a comment in the template or an option. There is neither, and a waiver is the way to accept.
  if (results.skipped_checks.length > 0) throw new Error("checkov skipped checks.");
  const ofStack = ([stack, declared]: [string, DeclaredResources]): [string, OutsideResult[]] => {
    const byName = new Map(declared.resources.map((each) => [`${each.type}.${each.name}`, each]));
    const toResults = (records: z.infer<typeof record>[], isPassed: boolean) =>
      records
        .filter(({ file_path: path }) => basename(path) === templateName(stack))
        .map(({ check_id: rule, check_name: demands, resource: name }): OutsideResult => {
          const resource = byName.get(name);
          if (!resource) throw new Error(`checkov names ${name}, which the template does not have.`);
          const url = "https://www.checkov.io/5.Policy%20Index/arm.html";
          return {
            judge: "checkov",
            rule,
            demands: `${demands}.`,
            url,
            resource,
            isPassed,
            severity: "medium",
          };
        });
    const judged = [...toResults(results.passed_checks, true), ...toResults(results.failed_checks, false)];
    if (judged.length === 0 && declared.resources.length > 0)
      throw new Error(`checkov did not judge the template of ${stack}.`);
    return [stack, judged];
  };
  return new Map([...stacks].map(ofStack));
}
