import pMap from "p-map";
import { explain } from "../../azure/explain-error.ts";
import { conflict, updateOptimistically } from "../../azure/optimistic-update.ts";
import { keyRefusals, parseKeyReport } from "../../credentials/key-offer.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { notReachableCode } from "./channel.ts";
import { claimRotation } from "./claim.ts";
import { type ClaimedRotation, ConflictError, type RotationContext } from "./context.ts";
import { areKeysInUse, deliverKeys, isBundleInFolder } from "./deliver-keys.ts";
import { invalidateOldKeys, promoteNewKeys } from "./promote.ts";
import type { RotatedKey } from "./record.ts";

/**
 * State of a terminal's rotation. "settling": not every gateway accepts the customer's next subscription key yet.
 * "handed over": new keys are delivered, and the terminal was not seen using them. "grace": it uses them, and its old keys
 * are still valid. "done": its old keys are invalid. "nothing": no rotation was in progress. "gone": it has no device
 * identity. "unreachable": its keys are as they were, and can be replaced when it connects.
 */
export type RotationState =
  | "settling"
  | "handed over"
  | "grace"
  | "done"
  | "nothing"
  | "gone"
  | "unreachable"
  | "failed";

/** The result of a run for one terminal. */
export interface RotationResult {
  terminal: string;
  state: RotationState;
  /** The earliest time of the next step, in milliseconds; undefined when it depends on the terminal. */
  until?: number;
  /** The sealed file that must be brought to the terminal. */
  file?: string;
  error?: OperatorError;
}

const terminalsAtOnce = 16;
/** Twins are polled at this interval, and less often with many terminals: the IoT Hub allows 100 reads a second. */
const firstPollMs = 500;
const longestPollMs = 5_000;
const readsPerSecond = 50;

/**
 * Rotates terminals as far as possible in the given time. A later run, of any operator, continues: all state is stored in
 * the services.
 * @param wanted For each terminal the keys to rotate when no rotation is in progress. Empty: do not start one.
 * @param options.waitMs How long to wait for terminals and for points in time, in milliseconds.
 * @param options.onResult Called when the state of a terminal has changed.
 * @param options.afterRound Called after each round with the state of all terminals. It returns whether it changed
 *   something that makes another round worthwhile at once.
 */
export async function rotateTerminals(
  wanted: ReadonlyMap<string, RotatedKey[]>,
  context: RotationContext,
  options: {
    waitMs: number;
    signal?: AbortSignal;
    onResult?: (result: RotationResult) => void;
    afterRound?: (results: ReadonlyMap<string, RotationResult>) => Promise<boolean>;
  },
): Promise<Map<string, RotationResult>> {
  const { clock } = context;
  const { signal } = options;
  const deadline = clock.now() + options.waitMs;
  const results = new Map<string, RotationResult>();
  let pending = [...wanted.keys()];
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.5, longestPollMs)) {
    await pMap(
      pending,
      async (terminal) => {
        if (signal?.aborted) return;
        const result = await rotateTerminal(terminal, wanted.get(terminal) ?? [], context);
        const hasChanged = results.get(terminal)?.state !== result.state;
        results.set(terminal, result);
        if (hasChanged) options.onResult?.(result);
      },
      { concurrency: terminalsAtOnce },
    );
    const continuesAtOnce = (await options.afterRound?.(results)) ?? false;
    const now = clock.now();
    pending = pending.filter((terminal) => {
      const { state, until = now } = results.get(terminal) ?? { state: "failed" };
      return (state === "settling" || state === "handed over" || state === "grace") && until <= deadline;
    });
    if (pending.length === 0 || (now >= deadline && !continuesAtOnce) || signal?.aborted) return results;
    if (continuesAtOnce) continue;
    const nextStepAt = Math.min(...pending.map((terminal) => results.get(terminal)?.until ?? now));
    const intervalMs = Math.max(pollMs, (pending.length / readsPerSecond) * 1000);
    await clock.sleep(Math.min(Math.max(intervalMs, nextStepAt - now), deadline - now), signal);
  }
}

/** Rotates one terminal until it has to wait. */
async function rotateTerminal(
  terminal: string,
  wanted: RotatedKey[],
  context: RotationContext,
): Promise<RotationResult> {
  const step = async () => {
    try {
      return await takeStep(terminal, wanted, context);
    } catch (error) {
      if (error instanceof ConflictError) return conflict;
      throw error;
    }
  };
  try {
    for (;;) {
      const result = await updateOptimistically(terminal, step, { clock: context.clock });
      if (result) return result;
    }
  } catch (thrown) {
    const error = explain(thrown, t`rotating the keys of ${terminal}`);
    if (!(error instanceof OperatorError)) throw error;
    return { terminal, state: error.code === notReachableCode ? "unreachable" : "failed", error };
  }
}

/** @returns Undefined when the step is done and the next one may follow at once. */
async function takeStep(
  terminal: string,
  wanted: RotatedKey[],
  context: RotationContext,
): Promise<RotationResult | undefined> {
  const { clock, nextKey, claimed } = context;
  const wasClaimed = claimed.has(terminal);
  const rotation = await claimRotation(terminal, wanted, context);
  if (rotation === "gone") return { terminal, state: "gone" };
  if (!rotation) return { terminal, state: wasClaimed ? "done" : "nothing" };
  const { record } = rotation;
  if (record.handedOver?.id !== record.id) {
    const readyAt = record.keys.includes("shared") ? nextKey?.readyAt : undefined;
    if (readyAt !== undefined && clock.now() < readyAt) {
      return { terminal, state: "settling", until: readyAt };
    }
    await deliverKeys(rotation, context);
    return undefined;
  }
  if (record.promotedAt) return endGracePeriod(rotation, record.promotedAt, context);
  if (areKeysInUse(rotation)) {
    await promoteNewKeys(rotation, context);
    return undefined;
  }
  return awaitTerminal(rotation, record.handedOver.how, context);
}

/** The state of a terminal that does not use its delivered keys yet. */
async function awaitTerminal(
  rotation: ClaimedRotation,
  channel: "hub" | "file",
  context: RotationContext,
): Promise<RotationResult> {
  const { terminal, twin, record } = rotation;
  const { refused } = parseKeyReport(twin.properties.reported);
  if (refused?.id === record.id) {
    throw new OperatorError("failed", t`it rejects its new keys: ${keyRefusals[refused.reason]()}`, {
      code: refused.reason,
      remedy: t`Its old keys stay valid. Run this again: it delivers new ones.`,
    });
  }
  if (channel === "hub") return { terminal, state: "handed over" };
  if (context.bundles && !(await isBundleInFolder(rotation, context))) {
    throw new OperatorError("failed", t`its sealed credential bundle is not in this folder`, {
      remedy: t`Use the folder of the run that sealed it, or seal a new one: --again.`,
    });
  }
  return { terminal, state: "handed over", file: context.bundles?.folder.file(terminal) };
}

/** Waits for the grace period, and then ends the rotation. */
async function endGracePeriod(
  rotation: ClaimedRotation,
  promotedAt: string,
  context: RotationContext,
): Promise<RotationResult> {
  const { terminal, record } = rotation;
  const { clock, graceMs, nextKey } = context;
  const until = Date.parse(promotedAt) + graceMs;
  if (clock.now() < until) return { terminal, state: "grace", until };
  if (record.keys.includes("shared") && !nextKey?.isFinished) return { terminal, state: "grace" };
  if (!areKeysInUse(rotation)) {
    throw new OperatorError("failed", t`it uses its old keys again, so they stay valid`, {
      remedy: t`Was it restored from a backup? Install its newest credential bundle, or deliver new keys: --again.`,
    });
  }
  await invalidateOldKeys(rotation, context);
  return { terminal, state: "done" };
}
