import type { Exchange, Section } from "../gateway/exchange.ts";
import { asGatewayError } from "../gateway/gateway-error.ts";
import type { PolicyElement } from "./document.ts";
import type { ElementReader } from "./reader.ts";

/** What a policy does to a call; "stop" when the response that stands is the answer. */
export type Run = (exchange: Exchange) => Promise<"stop" | undefined> | "stop" | undefined;

/** One policy, ready to run. */
export interface Step {
  /** Element name, position, and `id`: what context.LastError tells of it. */
  source: string;
  path: string;
  policyId: string | undefined;
  run: Run;
}

/** Reads elements that stand one after another in a section or inside another policy. */
export type ReadSteps = (elements: PolicyElement[], parent: ElementReader) => Step[];

/** A policy that the gateway runs: where it may stand, and how it is read. */
export interface Policy {
  sections: readonly Section[];
  /** @returns What it does; undefined when the reader has named problems. */
  read(reader: ElementReader, steps: ReadSteps): Run | undefined;
}

/** Runs steps in turn until one stops the call. Errors tell where they come from. */
export async function runSteps(steps: Step[], exchange: Exchange): Promise<"stop" | undefined> {
  for (const step of steps) {
    try {
      if ((await step.run(exchange)) === "stop") return "stop";
    } catch (thrown) {
      const error = asGatewayError(thrown);
      error.source ??= step.source;
      error.path ??= step.path;
      error.policyId ??= step.policyId;
      throw error;
    }
  }
  return undefined;
}
