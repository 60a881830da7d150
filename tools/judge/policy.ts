import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import { withPolicyPack } from "@terminal-fleet/pulumi-cli/policy-pack";
import { readEngineEvents } from "./deployment/engine-events.ts";
import type { StackState } from "./deployment/stack-state.ts";
import { judgePreview } from "./judge-preview.ts";
import { describePack } from "./pack/pack-rules.ts";
import { closingText, environmentText } from "./report/terminal.ts";
import { writeReport, writeToGitHub } from "./report/write-report.ts";

/*
 * `npm run policy -- ARGS` previews a deployed stack with the policy pack: it runs `pulumi preview ARGS`.
 * With `--report FOLDER` it also writes the report of the judge about what the next update would do.
 */

const root = resolve(import.meta.dirname, "..", "..");
const { report, args } = takeReport(process.argv.slice(2));
const dir = mkdtempSync(join(tmpdir(), "terminal-fleet-policy-"));
try {
  process.exitCode = await preview(await findPulumi(), report);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Removes `--report FOLDER` or `--report=FOLDER` from the arguments of Pulumi. */
function takeReport(all: string[]): { report: string | undefined; args: string[] } {
  const index = all.findIndex((arg) => /^--report(=|$)/.test(arg));
  if (index < 0) return { report: undefined, args: all };
  const [, inline] = /^--report=(.*)$/.exec(all[index]!) ?? [];
  const folder = inline ?? all[index + 1];
  if (!folder || folder.startsWith("-")) {
    console.error("--report needs a folder: npm run policy -- --stack STACK --report FOLDER");
    process.exit(2);
  }
  return { report: folder, args: all.toSpliced(index, inline === undefined ? 2 : 1) };
}

async function preview(cli: PulumiCli, folder: string | undefined): Promise<number> {
  const pulumiArgs = withPolicyPack(["preview", ...args], join(root, "policies"));
  if (folder === undefined) return run(cli, pulumiArgs, process.env);
  const [events, findings] = [join(dir, "events"), join(dir, "findings")];
  const code = await run(cli, [...pulumiArgs, "--event-log", events], {
    ...process.env,
    // The option --event-log belongs to the debug commands.
    PULUMI_DEBUG_COMMANDS: "true",
    POLICY_FINDINGS_FILE: findings,
  });
  const stack = stackOf(args);
  const exported = join(dir, "state");
  await run(cli, ["stack", "export", "--file", exported, ...(stack ? ["--stack", stack] : [])], process.env);
  const result = judgePreview({
    root,
    isPreviewed: code === 0,
    events: readEngineEvents(events),
    packFindings: readLines(findings).map((line) => JSON.parse(line) as unknown),
    state: JSON.parse(readLines(exported).join("\n") || '{"deployment":{}}') as StackState,
    pack: await describePack(root, process.env as Record<string, string>),
  });
  // The engine has printed the violations of the pack.
  const others = result.findings.filter(({ judge }) => judge !== "policy pack");
  for (const environment of result.environments) console.log(`\n${environmentText(environment, others)}`);
  console.log(closingText(result));
  writeReport(result, folder);
  writeToGitHub(result);
  return code === 0 && result.verdict === "failed" ? 1 : code;
}

/** The stack that the arguments name; undefined for the selected one. */
function stackOf(all: string[]): string | undefined {
  const index = all.findIndex((arg) => /^(--stack|-s)(=|$)/.test(arg));
  if (index < 0) return undefined;
  return all[index]!.includes("=") ? all[index]!.split("=")[1] : all[index + 1];
}

async function run(cli: PulumiCli, pulumiArgs: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawnPulumi(cli, pulumiArgs, { cwd: root, env });
  // A terminal sends Ctrl-C to the CLI as well. The CLI decides when to end, and this process waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((done, fail) => {
    child.on("error", fail).on("close", (code, signal) => done(code ?? (signal ? 130 : 1)));
  });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
