import pMap from "p-map";
import { conflict, updateOptimistically } from "../../azure/optimistic-update.ts";
import { keyRefusals, reportOf } from "../../credentials/key-offer.ts";
import { explain, OperatorError } from "../../lib/errors.ts";
import { claim } from "./claim.ts";
import { Changed, type RotationContext } from "./context.ts";
import { handOver, isInFolder, isInUse } from "./hand-over.ts";
import { finish, promote } from "./promote.ts";
import type { RenewedKey } from "./record.ts";

/**
 * How far a terminal's rotation is. "settling": its customer's new shared key is not known to every gateway yet;
 * "handed over": the terminal has not been seen using its new keys; "grace": it uses them, and the old ones work on
 * for a while; "done": the old ones are no more; "nothing": nothing was under way; "gone": the hub does not
 * know it any more.
 */
export type RotationState = "settling" | "handed over" | "grace" | "done" | "nothing" | "gone" | "failed";

/** What became of a terminal's rotation in this run. */
export interface RotationResult {
  terminal: string;
  state: RotationState;
  /** From when on there is something to do, in milliseconds; left out when it depends on the terminal. */
  until?: number;
  /** The sealed file that has to be brought to the terminal. */
  file?: string;
  error?: OperatorError;
}

const terminalsAtOnce = 16;
/** Twins are looked at so often; with many terminals, less often: the hub takes 100 readings a second. */
const firstPollMs = 500;
const longestPollMs = 5_000;
const readingsASecond = 50;

/**
 * Rotates terminals as far as it goes in the time: what is left waits for a later run, whoever makes it, since all of
 * its state is with the services.
 * @param wanted For each terminal the keys to renew when nothing is under way; none to begin nothing.
 * @param options.waitMs How long to wait for terminals, and for times to pass.
 * @param options.onResult Called whenever a terminal's state has changed.
 * @param options.between Called after each round, with the state of all. It returns whether it has done something,
 *   so that there may be more to do at once.
 */
export async function rotate(
  wanted: ReadonlyMap<string, RenewedKey[]>,
  context: RotationContext,
  options: {
    waitMs: number;
    signal?: AbortSignal;
    onResult?: (result: RotationResult) => void;
    between?: (results: ReadonlyMap<string, RotationResult>) => Promise<boolean>;
  },
): Promise<Map<string, RotationResult>> {
  const { clock } = context;
  const deadline = clock.now() + options.waitMs;
  const results = new Map<string, RotationResult>();
  let pending = [...wanted.keys()];
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.5, longestPollMs)) {
    await pMap(
      pending,
      async (terminal) => {
        if (options.signal?.aborted) return;
        const result = await rotateOne(terminal, wanted.get(terminal) ?? [], context);
        const changed = results.get(terminal)?.state !== result.state;
        results.set(terminal, result);
        if (changed) options.onResult?.(result);
      },
      { concurrency: terminalsAtOnce },
    );
    const more = (await options.between?.(results)) ?? false;
    const now = clock.now();
    pending = pending.filter((terminal) => {
      const { state, until = now } = results.get(terminal) ?? { state: "failed" };
      return (state === "settling" || state === "handed over" || state === "grace") && until <= deadline;
    });
    if (pending.length === 0 || (now >= deadline && !more) || options.signal?.aborted) return results;
    if (more) continue;
    const next = Math.min(...pending.map((terminal) => results.get(terminal)?.until ?? now));
    const interval = Math.max(pollMs, (pending.length / readingsASecond) * 1000);
    await clock.sleep(Math.min(Math.max(interval, next - now), deadline - now), options.signal);
  }
}

/** Goes on with one terminal until it has to wait. */
async function rotateOne(
  terminal: string,
  wanted: RenewedKey[],
  context: RotationContext,
): Promise<RotationResult> {
  try {
    for (;;) {
      const result = await updateOptimistically(terminal, () => tryStep(terminal, wanted, context), {
        clock: context.clock,
      });
      if (result) return result;
    }
  } catch (thrown) {
    const error = explain(thrown, `rotating the keys of ${terminal}`);
    if (!(error instanceof OperatorError)) throw error;
    return { terminal, state: "failed", error };
  }
}

async function tryStep(
  ...of: Parameters<typeof step>
): Promise<RotationResult | undefined | typeof conflict> {
  try {
    return await step(...of);
  } catch (error) {
    if (error instanceof Changed) return conflict;
    throw error;
  }
}

/** @returns Undefined when something was done, and there may be more to do. */
async function step(
  terminal: string,
  wanted: RenewedKey[],
  context: RotationContext,
): Promise<RotationResult | undefined> {
  const { clock, graceMs, mine } = context;
  const wasMine = mine.has(terminal);
  const rotating = await claim(terminal, wanted, context);
  if (rotating === "gone") return { terminal, state: "gone" };
  if (!rotating) return { terminal, state: wasMine ? "done" : "nothing" };
  const { record, twin } = rotating;
  const renewsShared = record.keys.includes("shared");
  if (record.handedOver?.id !== record.id) {
    const readyAt = renewsShared ? context.shared?.readyAt : undefined;
    if (readyAt !== undefined && clock.now() < readyAt)
      return { terminal, state: "settling", until: readyAt };
    await handOver(rotating, context);
    return undefined;
  }
  if (!record.promotedAt) {
    if (isInUse(rotating)) {
      await promote(rotating, context);
      return undefined;
    }
    const { refused } = reportOf(twin.properties.reported);
    if (refused?.id === record.id) {
      throw new OperatorError("failed", `it does not take its new keys: ${keyRefusals[refused.reason]}`, {
        code: refused.reason,
        remedy: "Its old keys work on. Run this again: it hands over new ones.",
      });
    }
    if (record.handedOver.how === "hub") return { terminal, state: "handed over" };
    if (context.file && !(await isInFolder(rotating, context))) {
      throw new OperatorError("failed", "its sealed hand-over is not in this folder", {
        remedy: "Use the folder of the run that sealed it, or seal a new one: --again.",
      });
    }
    const file = context.file?.folder.file(terminal);
    return { terminal, state: "handed over", ...(file ? { file } : {}) };
  }
  const until = Date.parse(record.promotedAt) + graceMs;
  if (clock.now() < until) return { terminal, state: "grace", until };
  if (renewsShared && !context.shared?.finished) return { terminal, state: "grace" };
  if (!isInUse(rotating)) {
    throw new OperatorError("failed", "it has gone back to its old keys, so they are kept", {
      remedy: "Was it restored from a copy? Give it its newest hand-over, or new keys: --again.",
    });
  }
  await finish(rotating, context);
  return { terminal, state: "done" };
}
