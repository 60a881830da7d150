import type { Exchange, Section } from "../gateway/exchange.ts";
import { asGatewayError } from "../gateway/gateway-error.ts";
import type { PolicyElement } from "./document.ts";
import type { ElementReader } from "./reader.ts";

/** Executes one policy. Returns "stop" when the current response is final. */
export type Run = (exchange: Exchange) => Promise<"stop" | undefined> | "stop" | undefined;

/** One compiled policy. */
export interface Step {
  /** Element name, position and `id`, for context.LastError. */
  source: string;
  path: string;
  policyId: string | undefined;
  run: Run;
}

/** Compiles the child elements of a section or policy. */
export type ReadSteps = (elements: PolicyElement[], parent: ElementReader) => Step[];

/** A supported policy: the sections that allow it, and its compiler. */
export interface Policy {
  sections: readonly Section[];
  /** @returns The compiled policy; undefined when the reader has reported problems. */
  read(reader: ElementReader, steps: ReadSteps): Run | undefined;
}

/** Runs steps in order until one stops the call. Adds the position to errors. */
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
