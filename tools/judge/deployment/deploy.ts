import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import { prepareStack, type Sandbox, sandboxEnvironment } from "@terminal-fleet/sandbox/in-process";
import { type EngineEvents, readEngineEvents } from "./engine-events.ts";
import { judgedEnvironment } from "./environment.ts";
import type { StackState } from "./stack-state.ts";

/** Where deployments run. */
export interface Workplace {
  cli: PulumiCli;
  sandbox: Sandbox;
  /** Folder for temporary files. */
  dir: string;
  /** Ends the deployment that is under way. */
  signal: AbortSignal;
}

/** One deployment of a program into the sandbox. */
export interface Deployment {
  isDeployed: boolean;
  events: EngineEvents;
  /** The stack afterwards. */
  state: StackState;
  /** What the engine printed, for a deployment that fails. */
  output: string;
  /** Facts that the pack wrote about its violations, a JSON document each (policies/azure/engine/record-violation.ts). */
  packFindings: unknown[];
}

/**
 * Deploys a program into the sandbox, over what an earlier deployment of the stack created.
 * @param root Folder of the program.
 * @param packArguments Arguments of `pulumi up` that load a policy pack; empty for none.
 * @param name Distinguishes the files of the deployments of one stack.
 * @param isPreview Whether only a preview runs. Default: false.
 */
export async function deploy(
  workplace: Workplace,
  {
    root,
    stack,
    packArguments,
    name,
    isPreview = false,
  }: { root: string; stack: string; packArguments: string[]; name: string; isPreview?: boolean },
): Promise<Deployment> {
  const { cli, sandbox, dir } = workplace;
  const variables = sandboxEnvironment(sandbox, "deployer");
  const settings = join(root, `Pulumi.${stack}.yaml`);
  const configFile = await prepareStack(variables, { stack, settings, dir, cli });
  const file = (ending: string) => join(dir, `${stack}-${name}.${ending}`);
  const env = {
    ...judgedEnvironment(variables, join(dir, "judged")),
    POLICY_FINDINGS_FILE: file("findings"),
  };
  const run = (...args: string[]) => runPulumi(workplace, [...args, "--stack", stack], root, env);
  const command = isPreview ? ["preview"] : ["up", "--yes", "--skip-preview"];
  const options = ["--config-file", configFile, "--suppress-outputs", "--event-log", file("events")];
  const { code, output } = await run(...command, ...packArguments, ...options);
  const exported = await run("stack", "export", "--file", file("state"));
  if (exported.code !== 0 && !workplace.signal.aborted) throw new Error(exported.output);
  return {
    isDeployed: code === 0,
    events: readEngineEvents(file("events")),
    state: JSON.parse(readIfPresent(file("state")) || '{"deployment":{}}') as StackState,
    output,
    packFindings: readIfPresent(file("findings"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown),
  };
}

/** Removes the protection of everything in a stack, so that an update shows what it would replace and delete. */
export async function unprotect(workplace: Workplace, root: string, stack: string): Promise<void> {
  const variables = sandboxEnvironment(workplace.sandbox, "deployer");
  const env = judgedEnvironment(variables, join(workplace.dir, "judged"));
  const args = ["state", "unprotect", "--all", "--yes", "--stack", stack];
  const { code, output } = await runPulumi(workplace, args, root, env);
  if (code !== 0 && !workplace.signal.aborted) throw new Error(output);
}

async function runPulumi(
  { cli, signal }: Workplace,
  args: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = spawnPulumi(cli, [...args, "--non-interactive", "--color", "never"], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const interrupt = () => child.kill("SIGINT");
  signal.addEventListener("abort", interrupt);
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  child.stderr?.on("data", (data) => (output += data));
  try {
    const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
    return { code, output };
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
