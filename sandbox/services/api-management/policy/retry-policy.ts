import { errorResponse } from "../gateway/error-response.ts";
import type { Exchange } from "../gateway/exchange.ts";
import { asGatewayError, GatewayError } from "../gateway/gateway-error.ts";
import { type Policy, runSteps, type Step } from "./step.ts";

/**
 * retry: runs its policies once, and again while the condition holds. After an error of a policy inside, the condition sees
 * the error's response in context.Response; when it holds no longer, the error ends the call. Source: "Retry", and the trace
 * in Azure-Samples/openai-apim-lb issue 25. Growing intervals (delta, max-interval) are refused.
 */
export const retry: Policy = {
  sections: ["inbound", "backend", "outbound", "on-error"],
  read(reader, steps) {
    const condition = reader.boolean("condition", { required: true, expressions: true });
    const count = reader.integer("count", { required: true, expressions: true, least: 1, most: 50 });
    const interval = reader.integer("interval", { required: true, expressions: true });
    const firstFast = reader.boolean("first-fast-retry", { expressions: true }) ?? (() => false);
    const children = steps(reader.takeChildren(), reader);
    if (children.length === 0) reader.problem("It must contain at least one policy.");
    if (!condition || !count || !interval) return undefined;
    return async (exchange) => {
      for (let attempt = 0; ; attempt += 1) {
        const { result, error } = await attemptOnce(children, exchange);
        if (result === "stop" || attempt >= count(exchange) || !condition(exchange)) {
          if (error) throw error;
          return result;
        }
        exchange.response?.body.discard();
        if (attempt > 0 || !firstFast(exchange)) await wait(interval(exchange), exchange.signal);
      }
    };
  },
};

async function attemptOnce(
  steps: Step[],
  exchange: Exchange,
): Promise<{ result?: "stop"; error?: GatewayError }> {
  try {
    return { result: await runSteps(steps, exchange) };
  } catch (thrown) {
    const error = asGatewayError(thrown);
    exchange.response = errorResponse(error, exchange.requestId.text);
    return { error };
  }
}

async function wait(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new GatewayError(499, "ClientConnectionFailure", "The caller is gone.");
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
