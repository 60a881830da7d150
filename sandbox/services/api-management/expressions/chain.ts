import type { Bound } from "./bound.ts";
import { nullReference } from "./exception.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import type { Call } from "./overloads.ts";
import { maybe } from "./primitives.ts";
import type { CsType, Run } from "./types.ts";

/** What a chain of members gives when a `?.` in it found null. */
const shortCircuit = Symbol("short circuit");

/** A chain of members that is not at its end yet. */
export interface Chain extends Bound {
  /** Whether it may give SHORT. */
  short: boolean;
}

/** What is reached by a member of a receiver, which must not be null. */
export function onReceiver(receiver: Chain, type: CsType, use: (value: unknown, run: Run) => unknown): Chain {
  return onCall(receiver, { type, values: () => [], invoke: (value, _, run) => use(value, run) });
}

/** What a method or an indexer of a receiver gives, which must not be null. */
export function onCall(receiver: Chain, { type, values, invoke }: Call): Chain {
  const isNullable = !receiver.type.isValueType && receiver.type.kind !== "nullable";
  return {
    type,
    short: receiver.short,
    run: (run) => {
      const value = receiver.run(run);
      if (value === shortCircuit) return shortCircuit;
      const given = values(run);
      if (value === null && isNullable) throw nullReference();
      return invoke(value, given, run);
    },
  };
}

/** The receiver of a `?.`, which ends the chain when it is null. */
export function guarded(receiver: Chain, node: Node): Chain {
  if (receiver.type.isValueType) {
    throw new ExpressionProblem(
      `Operator '?' cannot be applied to operand of type '${receiver.type.name}'.`,
      node,
    );
  }
  return {
    type: receiver.type.kind === "nullable" ? (receiver.type.element as CsType) : receiver.type,
    short: true,
    run: (run) => receiver.run(run) ?? shortCircuit,
  };
}

/** The value of a chain at its end: null where it was cut short. */
export function ended(chain: Chain): Bound {
  if (!chain.short) return chain;
  return {
    type: maybe(chain.type),
    run: (run) => {
      const value = chain.run(run);
      return value === shortCircuit ? null : value;
    },
  };
}
