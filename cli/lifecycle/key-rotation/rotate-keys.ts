import type { NextSubscriptionKey, RotationContext } from "./context.ts";
import type { RotatedKey } from "./record.ts";
import { type RotationResult, rotateTerminals } from "./rotate-terminals.ts";
import { advanceSubscriptionKey, findNextSubscriptionKey, findTerminalsWithout } from "./subscription-key.ts";

/** The result of a run. */
export interface RotatedKeys {
  results: Map<string, RotationResult>;
  /** The customer's next subscription key, when its rotation is in progress. */
  nextKey: NextSubscriptionKey | undefined;
}

/**
 * Rotates the keys of terminals, and with a customer also its subscription key, as far as possible in the given time.
 * @param terminals The terminals. With a customer, its terminals that were added since are included.
 * @param keys The keys to rotate. Empty: continue rotations in progress and start none.
 * @param options.customer The customer of all the terminals; undefined for terminals of several customers.
 * @param options.onSubscriptionKey Receives, in words, what was done with the subscription key.
 */
export async function rotateKeys(
  terminals: string[],
  keys: RotatedKey[],
  context: RotationContext,
  options: {
    customer?: string;
    waitMs: number;
    signal?: AbortSignal;
    onResult?: (result: RotationResult) => void;
    onSubscriptionKey?: (done: string) => void;
  },
): Promise<RotatedKeys> {
  const { customer, waitMs, signal, onResult } = options;
  const wanted = new Map(terminals.map((terminal) => [terminal, keys]));
  const startsSubscriptionKey = keys.includes("shared");
  const nextKey =
    customer && (startsSubscriptionKey || keys.length === 0)
      ? await findNextSubscriptionKey(customer, context, startsSubscriptionKey)
      : undefined;
  if (!customer || !nextKey) {
    return { results: await rotateTerminals(wanted, context, { waitMs, signal, onResult }), nextKey };
  }
  const withNextKey: RotationContext = { ...context, nextKey };
  // Terminals that were added since, or were in another rotation, do not have the next key yet.
  for (const { terminal, hasIdentity, record } of await findTerminalsWithout(
    nextKey,
    customer,
    context.fleet,
  )) {
    if (hasIdentity && !record) wanted.set(terminal, keys.length > 0 ? keys : ["shared"]);
  }
  const afterRound = async (results: ReadonlyMap<string, RotationResult>) => {
    const done = await advanceSubscriptionKey(customer, nextKey, results, withNextKey);
    if (done) options.onSubscriptionKey?.(done);
    return done !== undefined;
  };
  return {
    results: await rotateTerminals(wanted, withNextKey, { waitMs, signal, onResult, afterRound }),
    nextKey,
  };
}
