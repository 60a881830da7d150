import { resolve } from "node:path";
import type { Audit } from "../audit-log/audit.ts";
import { openAudit } from "../audit-log/open-audit.ts";
import type { Actor } from "../audit-log/record.ts";
import { ClockWatch } from "../azure/clock-watch.ts";
import { type ConnectOptions, connect, type Fleet } from "../azure/fleet.ts";
import { type NetworkSettings, networkFromEnvironment } from "../azure/network.ts";
import { type SignIn, signIn } from "../azure/sign-in.ts";
import { readOutputsFile, readStackOutputs, type StackOutputs } from "../azure/stack-outputs.ts";
import { StallWatch } from "../azure/stall-watch.ts";
import { expectVerifiedTls } from "../azure/tls-verification.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Output } from "../terminal-ui/output.ts";
import { t } from "../words/translate.ts";
import type { StackOptions } from "./common-options.ts";

/** How commands reach Azure and sign in, in place of what the environment variables say. */
export interface AzureAccess {
  network: NetworkSettings;
  signIn(network: NetworkSettings): SignIn;
}

interface ConnectionContext {
  output: Output;
  /** Default: the settings of the environment variables. */
  azure?: AzureAccess;
}

/**
 * Signs in and connects to the deployed stack.
 * @param context.signal Ends waits for the IoT Hub's throttles.
 */
export async function connectToFleet(
  options: StackOptions,
  context: ConnectionContext & Pick<ConnectOptions, "signal" | "isHubSizeOptional">,
): Promise<Fleet> {
  const { network, signedIn, onTrouble } = prepare(context);
  const { signal, isHubSizeOptional } = context;
  return connect(await readOutputs(options), signedIn(), { network, signal, isHubSizeOptional, onTrouble });
}

/** A connection, and who is signed in. */
export interface CallerConnection {
  fleet: Fleet;
  account: Actor;
  /** Why the IoT Hub could not be read; undefined when it could. */
  readerError?: OperatorError;
}

/**
 * Signs in and connects, also when the role to read the IoT Hub is missing.
 * @throws OperatorError when the sign-in fails.
 */
export async function connectAsCaller(
  options: StackOptions,
  context: ConnectionContext & Pick<ConnectOptions, "signal">,
): Promise<CallerConnection> {
  const { network, signedIn, onTrouble } = prepare(context);
  const outputs = await readOutputs(options);
  const who = signedIn();
  // With a token the account is known, and later errors are not those of the sign-in.
  await who.credential.getToken("https://management.azure.com/.default");
  const { signal } = context;
  const account = () => who.who() ?? { objectId: "unknown" };
  try {
    const fleet = await connect(outputs, who, { network, signal, onTrouble });
    return { fleet, account: account() };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    const fleet = await connect(outputs, who, { network, signal, isHubSizeOptional: true });
    return { fleet, account: account(), readerError: error };
  }
}

/** Signs in and opens only the audit log of the deployed stack. Reading it needs no other role. */
export async function connectToAuditLog(options: StackOptions, context: ConnectionContext): Promise<Audit> {
  const { network, signedIn, onTrouble } = prepare(context);
  return openAudit(await readOutputs(options), signedIn(), { network, onTrouble });
}

/** Network settings that report services that do not answer as notes, and what reports other problems as warnings. */
function prepare({ output, azure }: ConnectionContext) {
  expectVerifiedTls();
  const stallWatch = new StallWatch((line) => output.noteAboveProgress(line));
  const clockWatch = new ClockWatch();
  const network = { ...(azure?.network ?? networkFromEnvironment()), stallWatch, clockWatch };
  return {
    network,
    signedIn: () => (azure ? azure.signIn(network) : signIn(network)),
    onTrouble: (message: string) => output.warning(message),
  };
}

/** The stack that a command line or TERMINALS_STACK names; undefined where `--outputs` names a file. */
export function stackNameOf({ stack, outputs }: StackOptions): string | undefined {
  return outputs ? undefined : (stack ?? (process.env.TERMINALS_STACK || undefined));
}

/** Reads the outputs of the deployed stack, without signing in. */
export async function readOutputs(options: StackOptions): Promise<StackOutputs> {
  if (options.outputs) return readOutputsFile(options.outputs);
  const stack = stackNameOf(options);
  if (!stack) throw new OperatorError("usage", t`specify the deployed stack: --stack NAME or --outputs FILE`);
  // Imported here because finding the Pulumi CLI can download it, which `--outputs` does not need.
  const { findPulumi, pulumiEnvironment } = await import("@terminal-fleet/pulumi-cli");
  const cli = await findPulumi().catch((error: Error) => {
    throw new OperatorError("usage", error.message.split("\n"), {
      remedy: t`Or give the stack's outputs: --outputs FILE.`,
    });
  });
  const cwd = resolve(import.meta.dirname, "../..");
  return readStackOutputs(stack, { path: cli.path, env: pulumiEnvironment(cli), cwd });
}
