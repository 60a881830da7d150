import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import { withPolicyPack } from "@terminal-fleet/pulumi-cli/policy-pack";
import { prepareStack, type Sandbox, sandboxEnvironment, startSandbox } from "@terminal-fleet/sandbox";
import { Command } from "commander";

const root = resolve(import.meta.dirname, "..", "..");

/** The stacks that have settings, by the names of the files. */
const stacksWithSettings = () =>
  readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);

const program = new Command("judge")
  .usage("[STACK...]")
  .description(
    "Judges a change before anything is deployed to Azure. It deploys each stack into a sandbox of its own with the policy pack: a preview of a new stack does not know names, IDs or the Flow API's policy, and there every one of them is known.",
  )
  .argument("[stack...]", "default: each stack that has settings, dev and prod")
  .addHelpText(
    "after",
    "\nExit codes: 0 no rule is violated; 1 the change is refused or does not deploy; 2 a stack without settings, or a wrong option; 130 interrupted.",
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const stacks = program.args.length > 0 ? program.args : stacksWithSettings();
const unknown = stacks.filter((stack) => !existsSync(join(root, `Pulumi.${stack}.yaml`)));
if (unknown.length > 0) {
  console.error(
    `There are no settings for ${unknown.join(", ")}; there are for ${stacksWithSettings().join(", ")}.`,
  );
  process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), "terminal-fleet-judge-"));
let sandbox: Sandbox | undefined;
let child: ReturnType<typeof spawnPulumi> | undefined;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    child?.kill("SIGINT");
  });
}
try {
  const cli = await findPulumi();
  sandbox = await startSandbox({ dir: join(dir, "sandbox") });
  let isKept = true;
  for (const stack of stacks) {
    if (interrupted) break;
    isKept = (await judge(cli, sandbox, stack)) && isKept;
  }
  process.exitCode = interrupted ? 130 : isKept ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await sandbox?.close();
  rmSync(dir, { recursive: true, force: true });
}

/** Deploys a stack into the sandbox, and shows the pack's verdict; whether it is that everything is in order. */
async function judge(cli: PulumiCli, sandbox: Sandbox, stack: string): Promise<boolean> {
  const variables = sandboxEnvironment(sandbox, "deployer");
  const settings = join(root, `Pulumi.${stack}.yaml`);
  const configFile = await prepareStack(variables, { stack, settings, dir, cli });
  if (interrupted) return false;
  // With a preview, which shows at once every fault that is known by then: an update stops at the first.
  const up = ["up", "--stack", stack, "--config-file", configFile, "--yes", "--non-interactive"];
  const args = withPolicyPack([...up, "--suppress-outputs", "--color", "never"], join(root, "policies"));
  child = spawnPulumi(cli, args, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  child.stderr?.on("data", (data) => (output += data));
  const code = await new Promise<number | null>((done, fail) => child?.on("error", fail).on("close", done));
  if (interrupted) {
    console.log(`${stack}: interrupted`);
    return false;
  }
  // The engine says the verdict last; a program that does not even run has none. Its own errors come in colours.
  const verdict = stripVTControlCharacters(output.slice(Math.max(0, output.lastIndexOf("\nPolicies:"))));
  console.log(`${stack}: ${headline(code === 0, verdict)}\n${verdict.trimEnd()}\n`);
  return code === 0;
}

/** What came of it, in a line: a program that fails is not in order, though no rule that was judged by then says so. */
function headline(isDeployed: boolean, verdict: string): string {
  if (isDeployed) return "every rule is kept";
  return /\[mandatory\]/.test(verdict) ? "REFUSED" : "NOT DEPLOYED, and not judged to the end";
}
