import { resolve } from "node:path";
import type { Audit } from "../audit-log/audit.ts";
import { openAudit } from "../audit-log/open-audit.ts";
import { connect, type Fleet } from "../azure/fleet.ts";
import { type NetworkSettings, networkFromEnvironment } from "../azure/network.ts";
import { signIn } from "../azure/sign-in.ts";
import { readOutputsFile, readStackOutputs, type StackOutputs } from "../azure/stack-outputs.ts";
import { StallWatch } from "../azure/stall-watch.ts";
import { OperatorError } from "../lib/operator-error.ts";
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
  const { network, onTrouble } = reporting(options);
  return connect(await outputsOf(options), signIn(network), { network, signal, onTrouble });
}

/** The deployment's audit log alone, for who reads it: no other right is needed. */
export async function connectToAudit(options: StackOptions): Promise<Audit> {
  const { network, onTrouble } = reporting(options);
  return openAudit(await outputsOf(options), signIn(network), { network, onTrouble });
}

/** The network settings of the environment, and what reports trouble that does not stop the command. */
function reporting(options: StackOptions): {
  network: NetworkSettings;
  onTrouble: (message: string) => void;
} {
  const output = new Output(options);
  const stallWatch = new StallWatch((line) => output.aside(line));
  return {
    network: { ...networkFromEnvironment(), stallWatch },
    onTrouble: (message) => output.warning(message),
  };
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
