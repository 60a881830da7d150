import type { NextSharedKey, RotationContext } from "./context.ts";
import type { RenewedKey } from "./record.ts";
import { type RotationResult, rotate } from "./rotate.ts";
import { followUp, lacking, nextSharedKey } from "./shared-key.ts";

/** What a run has done. */
export interface Rotated {
  results: Map<string, RotationResult>;
  /** The customer's next shared key, when its rotation is under way. */
  shared: NextSharedKey | undefined;
}

/**
 * Rotates the keys of terminals, and with a customer its shared key too, as far as it goes in the time.
 * @param targets The terminals; with a customer, those of it that came meanwhile are added.
 * @param renewed The keys to renew; none to go on with what is under way and begin nothing.
 * @param options.customer The customer that all of them belong to; left out for terminals of several.
 * @param options.onShared Told, in words, what was done with the customer's shared key.
 */
export async function rotateTogether(
  targets: string[],
  renewed: RenewedKey[],
  context: RotationContext,
  options: {
    customer?: string;
    waitMs: number;
    signal?: AbortSignal;
    onResult?: (result: RotationResult) => void;
    onShared?: (done: string) => void;
  },
): Promise<Rotated> {
  const { customer, waitMs, signal, onResult } = options;
  const wanted = new Map(targets.map((one) => [one, renewed]));
  const concernsShared = renewed.includes("shared") || renewed.length === 0;
  const shared =
    customer && concernsShared
      ? await nextSharedKey(customer, context, renewed.includes("shared"))
      : undefined;
  if (!customer || !shared) {
    return { results: await rotate(wanted, context, { waitMs, signal, onResult }), shared };
  }
  const all: RotationContext = { ...context, shared };
  // Those that came since the rotation began, or were in the middle of another one, have not got the next key yet.
  for (const { terminal, isAtHub, record } of await lacking(customer, shared, context.fleet)) {
    if (isAtHub && !record) wanted.set(terminal, renewed.length > 0 ? renewed : ["shared"]);
  }
  const between = async (results: ReadonlyMap<string, RotationResult>) => {
    const done = await followUp(customer, shared, results, all);
    if (done) options.onShared?.(done);
    return done !== undefined;
  };
  return { results: await rotate(wanted, all, { waitMs, signal, onResult, between }), shared };
}
