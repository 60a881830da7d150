import { explain, OperatorError } from "@terminal-fleet/cli/azure-access";
import { ServiceError } from "./azure-client.ts";
import { type Check, type CheckInputs, couldNotTell, type Finding } from "./check.ts";

/** Time that one check may take, in milliseconds. What-if and 70 questions to Azure Policy need some of it. */
const defaultLimitMs = 90_000;

/** A check with its finding. */
export interface Line {
  id: string;
  finding: Finding;
}

/**
 * Runs all checks side by side, and returns their lines in the order of the checks, each as soon as those before it are
 * there. A check that throws, or takes too long, could not tell: no failure of the check itself looks like success.
 * @param options.limitMs Time for one check; default 90 seconds.
 */
export async function* runChecks(
  checks: readonly Check[],
  inputs: Omit<CheckInputs, "signal">,
  options: { limitMs?: number; signal: AbortSignal },
): AsyncGenerator<Line> {
  const running = checks.map(async (check): Promise<Line> => {
    const finding = await runCheck(check, inputs, options).catch(explainFailure);
    return { id: check.id, finding };
  });
  for (const line of running) yield await line;
}

async function runCheck(
  check: Check,
  inputs: Omit<CheckInputs, "signal">,
  { limitMs = defaultLimitMs, signal: interruption }: { limitMs?: number; signal: AbortSignal },
): Promise<Finding> {
  const late = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([late, interruption]);
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  const work = check.run({ ...inputs, signal });
  try {
    // A check that ignores its signal does not outlive its time.
    return await Promise.race([work, timedOut]);
  } catch (error) {
    if (!late.aborted) throw error;
    return couldNotTell(`no result in ${limitMs / 1000} seconds`, "Check the network, and run this again.");
  }
}

function explainFailure(thrown: unknown): Finding {
  if (thrown instanceof ServiceError) return explainServiceError(thrown);
  const error = explain(thrown, "asking Azure");
  if (error instanceof OperatorError) {
    const { outcome, lines, remedyLines } = error;
    const blocked = outcome === "notAllowed" || outcome === "unreachable" ? outcome : undefined;
    const remedy = remedyLines.length > 0 ? remedyLines : "Run this again.";
    return { ...couldNotTell(lines.join(" "), remedy), blocked };
  }
  const { message } = error as Error;
  return couldNotTell(`this check failed itself: ${message}`, "Report this text to the maintainers.");
}

function explainServiceError({ status, code, message }: ServiceError): Finding {
  if (status === 403) {
    return couldNotTell(`the deployer may not read this: ${code}: ${message}`, [
      "Assign a role that allows it, for example Reader on the subscription, or ask somebody who has one to run this.",
    ]);
  }
  if (code === "MissingSubscriptionRegistration") {
    const namespace = /namespace '([\w.]+)'/.exec(message)?.[1] ?? "NAMESPACE";
    return couldNotTell(`Azure cannot be asked: ${namespace} is not registered`, [
      "Register the provider of this question, with Contributor or Owner on the subscription:",
      `  az provider register --namespace ${namespace} --wait`,
    ]);
  }
  const finding = couldNotTell(`Azure answered ${status} ${code}: ${message}`, "Run this again.");
  return status === 401 ? { ...finding, blocked: "notAllowed" } : finding;
}
