import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import { withPolicyPack } from "@terminal-fleet/pulumi-cli/policy-pack";
import { prepareStack, type Sandbox, sandboxEnvironment, startSandbox } from "@terminal-fleet/sandbox";
import { Command } from "commander";

/*
 * `npm run judge`: checks a change of the program with the policy pack, before it is deployed to Azure.
 */

const root = resolve(import.meta.dirname, "..", "..");

/** The stacks with a settings file. */
const stacksWithSettings = () =>
  readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);

const command = new Command("judge")
  .usage("[STACK...]")
  .description(
    "Checks a change with the policy pack before it is deployed to Azure. It deploys each stack into a new sandbox, because the preview of a new stack does not know names, IDs and the Flow API's policy. In the sandbox all of them are known.",
  )
  .argument("[stack...]", "default: each stack with a settings file, dev and prod")
  .addHelpText(
    "after",
    "\nExit codes: 0 no rule is violated; 1 the change violates a rule or cannot be deployed; 2 a stack without settings, or a wrong option; 130 interrupted.",
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const stacks = command.args.length > 0 ? command.args : stacksWithSettings();
const unknown = stacks.filter((stack) => !existsSync(join(root, `Pulumi.${stack}.yaml`)));
if (unknown.length > 0) {
  console.error(
    `No settings file for ${unknown.join(", ")}. Stacks with a settings file: ${stacksWithSettings().join(", ")}.`,
  );
  process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), "terminal-fleet-judge-"));
let sandbox: Sandbox | undefined;
let deployment: ReturnType<typeof spawnPulumi> | undefined;
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    deployment?.kill("SIGINT");
  });
}
try {
  const cli = await findPulumi();
  sandbox = await startSandbox({ dir: join(dir, "sandbox") });
  let areAllValid = true;
  for (const stack of stacks) {
    if (isInterrupted) break;
    areAllValid = (await checkStack(cli, sandbox, stack)) && areAllValid;
  }
  process.exitCode = isInterrupted ? 130 : areAllValid ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await sandbox?.close();
  rmSync(dir, { recursive: true, force: true });
}

/** Deploys a stack into the sandbox, and prints the result of the policy pack. @returns Whether it was deployed. */
async function checkStack(cli: PulumiCli, sandbox: Sandbox, stack: string): Promise<boolean> {
  const variables = sandboxEnvironment(sandbox, "deployer");
  const settings = join(root, `Pulumi.${stack}.yaml`);
  const configFile = await prepareStack(variables, { stack, settings, dir, cli });
  if (isInterrupted) return false;
  // The preview reports all violations that it knows. An update stops at the first violation.
  const up = ["up", "--stack", stack, "--config-file", configFile, "--yes", "--non-interactive"];
  const args = withPolicyPack([...up, "--suppress-outputs", "--color", "never"], join(root, "policies"));
  const child = spawnPulumi(cli, args, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  deployment = child;
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  child.stderr?.on("data", (data) => (output += data));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  if (isInterrupted) {
    console.log(`${stack}: interrupted`);
    return false;
  }
  // The engine prints the result of the policy pack last, and none for a program that fails. Errors have colours.
  const result = stripVTControlCharacters(output.slice(Math.max(0, output.lastIndexOf("\nPolicies:"))));
  console.log(`${stack}: ${headline(code === 0, result)}\n${result.trimEnd()}\n`);
  return code === 0;
}

function headline(isDeployed: boolean, result: string): string {
  if (isDeployed) return "no rule is violated";
  return /\[mandatory\]/.test(result) ? "REFUSED" : "NOT DEPLOYED, so not every rule was checked";
}
