import type { Bound } from "./bound.ts";
import { nullReference } from "./exception.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import type { Call } from "./overloads.ts";
import { maybe } from "./primitives.ts";
import type { CsType, Run } from "./types.ts";

/** Result of a member chain in which a `?.` met null. */
const shortCircuit = Symbol("short circuit");

/** A member chain under construction. */
export interface Chain extends Bound {
  /** Whether it can evaluate to `shortCircuit`. */
  short: boolean;
}

/** Accesses a member. The receiver must not be null. */
export function onReceiver(receiver: Chain, type: CsType, use: (value: unknown, run: Run) => unknown): Chain {
  return onCall(receiver, { type, values: () => [], invoke: (value, _, run) => use(value, run) });
}

/** Calls a method or an indexer. The receiver must not be null. */
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

/** Evaluates the receiver of a `?.`. Null ends the chain. */
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

/** The value of the whole chain: null where it was short-circuited. */
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
