import type { Lines, SignIn } from "@terminal-fleet/cli/azure-access";
import type { AzureClient } from "./azure-client.ts";
import type { Declaration } from "./declaration.ts";
import type { StackState } from "./stack-state.ts";

/** What a check found out. "couldNotTell" is neither success nor failure, and is never reported as one of them. */
export type Result = "passed" | "failed" | "couldNotTell";

/** The outcome of one check. */
export interface Finding {
  result: Result;
  /** What was found, as one sentence. */
  reason: string;
  /** Further facts, a line each; default none. */
  details?: string[];
  /** What the deployer can do. Required unless the check passed. */
  remedy?: Lines;
  /** How the process ends when Azure could not be asked at all: not signed in, or no answer. Default: as the result says. */
  blocked?: "notAllowed" | "unreachable";
}

/** What the checks read. */
export interface CheckInputs {
  /** Azure Resource Manager. */
  azure: AzureClient;
  /** Microsoft Graph. */
  graph: AzureClient;
  signIn: SignIn;
  /** ID of the subscription that the program deploys into. */
  subscriptionId: string;
  /** What a first deployment would declare. */
  declaration: Declaration;
  /** What the stack has deployed already. */
  state: StackState;
  /** Aborts when the check has used up its time. */
  signal: AbortSignal;
}

/** One check. It reads only: no call of it changes anything in Azure. */
export interface Check {
  /** Name of its line in the report. */
  id: string;
  run(inputs: CheckInputs): Promise<Finding>;
}

/** A passed check. */
export function passed(reason: string, details?: string[]): Finding {
  return { result: "passed", reason, details };
}

/** A failed check. */
export function failed(reason: string, remedy: Lines, details?: string[]): Finding {
  return { result: "failed", reason, details, remedy };
}

/** A check that could not tell. */
export function couldNotTell(reason: string, remedy: Lines, details?: string[]): Finding {
  return { result: "couldNotTell", reason, details, remedy };
}

/** A list in a sentence: "a", "a and b", "a, b and c". */
export function listOf(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** A number with its noun: "1 resource", "2 resources". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
