import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  exitCodes,
  explain,
  formatError,
  networkFromEnvironment,
  OperatorError,
  Output,
  type SignIn,
} from "@terminal-fleet/cli/azure-access";
import { AzureClient } from "./azure-client.ts";
import { checks } from "./checks/index.ts";
import { readDeclaration } from "./declaration.ts";
import { signInAsDeployer } from "./deployer-sign-in.ts";
import { exitCodeOf, Report } from "./report.ts";
import { runChecks } from "./run-checks.ts";
import { readStackState } from "./stack-state.ts";

/*
 * `npm run preflight -- --stack dev`: checks before the first deployment what Azure would refuse in the middle of it. It
 * reads only.
 */

const root = resolve(import.meta.dirname, "..", "..");

const help = `Usage: npm run preflight -- --stack STACK [--json]

Checks before a deployment what Azure would refuse in the middle of it: the subscription, the regions, the tiers, the
resource providers, your rights, Azure Policy, names, the Flow API's application, and what Azure keeps of deleted
resources. It reads only, and changes nothing.

  --stack STACK  the stack; it needs its settings file, and may not exist yet
  --json         one JSON object a line

Exit codes: 0 all passed; 1 a check failed; 2 wrong command line or settings; 3 not signed in; 4 Azure cannot be
reached; 6 no check failed, and some could not tell; 130 interrupted.`;

/** Time for the preview of the program, in milliseconds. The first one installs Pulumi's providers. */
const previewMs = 600_000;

const output = new Output({ json: process.argv.includes("--json") });
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => interruption.abort());
}
// The reader of a pipe may end early, as `head` does.
process.stdout.on("error", () => process.exit(exitCodes.interrupted));
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const shown = formatError(error);
  output.error(shown);
  process.exitCode = exitCodes[shown.outcome];
}
if (interruption.signal.aborted) process.exitCode = exitCodes.interrupted;

async function run(args: string[]): Promise<number> {
  const { stack, wantsHelp } = readArguments(args);
  if (wantsHelp) {
    process.stdout.write(`${help}\n`);
    return exitCodes.done;
  }
  // The name of the stack can start with an organisation. The settings file has the last part of it.
  const name = stack.split("/").at(-1) as string;
  const settings = join(root, `Pulumi.${name}.yaml`);
  if (!existsSync(settings)) {
    throw new OperatorError("usage", `the stack ${name} has no settings file Pulumi.${name}.yaml`, {
      remedy: `Stacks with settings: ${stacksWithSettings().join(", ")}.`,
    });
  }
  const network = networkFromEnvironment();
  const signIn = signInAsDeployer(network);
  const { signal } = interruption;
  await signInNow(signIn);
  output.note(`Checking whether ${stack} can be deployed. Nothing is changed.`);
  const [declaration, state] = await Promise.all([
    readDeclaration({
      stack: name,
      settings,
      root,
      signal: AbortSignal.any([signal, AbortSignal.timeout(previewMs)]),
    }),
    readStackState(stack, root, signal),
  ]);
  const inputs = {
    azure: new AzureClient("management.azure.com", signIn, network),
    graph: new AzureClient("graph.microsoft.com", signIn, network),
    signIn,
    subscriptionId: declaration.subscriptionId,
    declaration,
    state,
  };
  const report = new Report(output);
  for await (const line of runChecks(checks, inputs, { signal })) report.add(line);
  report.end();
  return exitCodeOf(report.lines);
}

/** @throws OperatorError when the sign-in fails: then no check could tell anything. */
async function signInNow({ credential }: SignIn): Promise<void> {
  try {
    await credential.getToken("https://management.azure.com/.default");
  } catch (error) {
    throw explain(error, "signing in to Azure");
  }
}

function readArguments(args: string[]): { stack: string; wantsHelp: boolean } {
  const usage = (message: string) =>
    new OperatorError("usage", message, { remedy: "npm run preflight -- --stack dev" });
  let values: { stack?: string; json?: boolean; help?: boolean };
  try {
    values = parseArgs({
      args,
      options: {
        stack: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
  if (values.help) return { stack: "", wantsHelp: true };
  if (!values.stack || !/^[\w.-]+(\/[\w.-]+){0,2}$/.test(values.stack))
    throw usage("--stack needs the name of a stack");
  return { stack: values.stack, wantsHelp: false };
}

function stacksWithSettings(): string[] {
  return readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
}
