import { resolve } from "node:path";
import type { Audit } from "../audit-log/audit.ts";
import { openAudit } from "../audit-log/open.ts";
import { connect, type Fleet } from "../azure/fleet.ts";
import { signIn } from "../azure/sign-in.ts";
import { readOutputsFile, readStackOutputs, type StackOutputs } from "../azure/stack-outputs.ts";
import { watchForStalls } from "../azure/stall-watch.ts";
import { OperatorError } from "../lib/errors.ts";
import { Output } from "../terminal-ui/output.ts";

/** Which deployment a command works on. */
export interface StackOptions {
  /** A Pulumi stack's name. */
  stack?: string;
  /** A file with the stack's outputs, for who has no access to Pulumi's state. */
  outputs?: string;
  json?: boolean;
}

/**
 * Signs in and connects to the deployment.
 * @param signal Ends waiting for the hub's pace.
 */
export async function connectTo(options: StackOptions, signal?: AbortSignal): Promise<Fleet> {
  return connect(await outputsOf(options), signIn(), { signal, onTrouble: listener(options) });
}

/** The deployment's audit log alone, for who reads it: no other right is needed. */
export async function connectToAudit(options: StackOptions): Promise<Audit> {
  return openAudit(await outputsOf(options), signIn(), { onTrouble: listener(options) });
}

/** Tells the operator of what goes wrong while the work goes on. */
function listener(options: StackOptions): (message: string) => void {
  const output = new Output(options);
  watchForStalls((line) => output.aside(line));
  return (message) => output.warning(message);
}

async function outputsOf({ stack, outputs }: StackOptions): Promise<StackOutputs> {
  if (outputs) return readOutputsFile(outputs);
  if (!stack) throw new OperatorError("usage", "which deployment? Give --stack NAME or --outputs FILE");
  // Finding the CLI can mean downloading it; commands that need none do not load this.
  const { findPulumi, pulumiEnvironment } = await import("@terminal-fleet/pulumi-cli");
  const cli = await findPulumi().catch((error: Error) => {
    throw new OperatorError("usage", error.message, {
      remedy: "Or give the stack's outputs: --outputs FILE.",
    });
  });
  const cwd = resolve(import.meta.dirname, "../..");
  return readStackOutputs(stack, { path: cli.path, env: pulumiEnvironment(cli), cwd });
}
