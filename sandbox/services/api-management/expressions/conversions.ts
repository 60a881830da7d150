import { Boxed } from "./boxed.ts";
import { CsException, nullReference } from "./exception.ts";
import { type JToken, JTokenType } from "./json.ts";
import {
  toInt32,
  tokenToBool,
  tokenToDate,
  tokenToDouble,
  tokenToLong,
  tokenToString,
} from "./json-values.ts";
import {
  Bool,
  Byte,
  Char,
  DateTimeType,
  Double,
  Int,
  Long,
  NullType,
  ObjectType,
  StringType,
} from "./primitives.ts";
import type { CsType } from "./types.ts";

/** A conversion from one static type to another. */
export interface Conversion {
  /** Cost for overload resolution: the overload with the lowest sum wins. 0 means the same type. */
  distance: number;
  apply(value: unknown): unknown;
}

const same: Conversion = { distance: 0, apply: (value) => value };
const toDouble = (value: unknown) => Number(value);

const widening = new Map<CsType, [CsType, (value: unknown) => unknown][]>([
  [
    Byte,
    [
      [Int, (value) => value],
      [Long, (value) => BigInt(value as number)],
      [Double, toDouble],
    ],
  ],
  [
    Char,
    [
      [Int, charCode],
      [Long, (value) => BigInt(charCode(value))],
      [Double, charCode],
    ],
  ],
  [
    Int,
    [
      [Long, (value) => BigInt(value as number)],
      [Double, toDouble],
    ],
  ],
  [Long, [[Double, toDouble]]],
]);

/** The implicit conversion, or undefined when C# has none. */
export function implicitConversion(from: CsType, to: CsType): Conversion | undefined {
  if (from === to) return same;
  if (from === NullType) return to.isValueType ? undefined : { distance: 1, apply: () => null };
  if (to.kind === "nullable") {
    const inner = from.kind === "nullable" ? from.element! : from;
    const conversion = implicitConversion(inner, to.element!);
    return conversion && { distance: conversion.distance + 1, apply: onValue(conversion) };
  }
  if (to === ObjectType) return { distance: 5, apply: (value) => box(from, value) };
  for (let base = from.base, distance = 1; base; base = base.base, distance += 1) {
    if (base === to) return { distance, apply: (value) => value };
  }
  const steps = widening.get(from) ?? [];
  const step = steps.findIndex(([type]) => type === to);
  return step < 0 ? undefined : { distance: step + 1, apply: steps[step]![1] };
}

/** The explicit conversion of a cast, `(to)value`, or undefined when C# has none. */
export function explicitConversion(from: CsType, to: CsType): Conversion | undefined {
  const implicit = implicitConversion(from, to);
  if (implicit) return implicit;
  if (from === ObjectType) return cast((value) => unbox(value, to));
  if (derives(from, JTokenType)) {
    const read = fromToken.get(to.kind === "nullable" ? to.element! : to);
    if (read) return cast((value) => readToken(value as JToken | null, to, read));
  }
  if (derives(to, from)) return cast((value) => downcast(value, to));
  if (from.kind === "nullable") {
    const inner = explicitConversion(from.element!, to.kind === "nullable" ? to.element! : to);
    return inner && cast((value) => (value === null ? nothing(to) : inner.apply(value)));
  }
  if (to.kind === "nullable") {
    const inner = explicitConversion(from, to.element!);
    return inner && cast(inner.apply);
  }
  const narrow = narrowing.get(to);
  return narrow && isNumeric(from)
    ? cast((value) => narrow(from === Char ? charCode(value) : value))
    : undefined;
}

/** Boxes a value of a static type. */
export function box(type: CsType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === "nullable") return new Boxed(type.element!, value);
  return type.isValueType ? new Boxed(type, value) : value;
}

/** Unboxes: a cast from object. */
export function unbox(value: unknown, to: CsType): unknown {
  if (to === ObjectType) return value;
  if (value === null) return nothing(to);
  const target = to.kind === "nullable" ? to.element! : to;
  if (value instanceof Boxed) {
    if (value.type === target) return value.value;
  } else if (!target.isValueType && target.holds(value)) {
    return value;
  }
  throw invalidCast(to);
}

/** Whether the type is numeric. */
export function isNumeric(type: CsType): boolean {
  return type === Int || type === Long || type === Double || type === Byte || type === Char;
}

export function derives(type: CsType, base: CsType): boolean {
  return type === base || (type.base !== undefined && derives(type.base, base));
}

function cast(apply: (value: unknown) => unknown): Conversion {
  return { distance: 9, apply };
}

function onValue(conversion: Conversion): (value: unknown) => unknown {
  return (value) => (value === null ? null : conversion.apply(value));
}

function nothing(to: CsType): null {
  if (to.isValueType) throw nullReference();
  return null;
}

function downcast(value: unknown, to: CsType): unknown {
  if (value === null || to.holds(value)) return value;
  throw invalidCast(to);
}

function invalidCast(to: CsType): CsException {
  return new CsException("InvalidCastException", `Unable to cast the object to type '${to.name}'.`);
}

const narrowing = new Map<CsType, (value: unknown) => unknown>([
  [Int, (value) => Number(BigInt.asIntN(32, whole(value, 32)))],
  [Long, (value) => BigInt.asIntN(64, whole(value, 64))],
  [Byte, (value) => Number(BigInt.asUintN(8, whole(value, 32)))],
  [Char, (value) => String.fromCharCode(Number(BigInt.asUintN(16, whole(value, 32))))],
]);

/** Truncates to an integer. For a double out of range C# defines no result; x64 returns the smallest integer. */
function whole(value: unknown, bits: 32 | 64): bigint {
  if (typeof value === "bigint") return value;
  const bound = 2 ** (bits - 1);
  const number = Math.trunc(value as number);
  return number >= -bound && number < bound ? BigInt(number) : BigInt(-bound);
}

function charCode(value: unknown): number {
  return (value as string).charCodeAt(0);
}

/** Converts a JToken that exists and is not a JSON null to each type. */
export const fromToken = new Map<CsType, (token: JToken) => unknown>([
  [StringType, tokenToString],
  [Bool, tokenToBool],
  [Long, tokenToLong],
  [Double, tokenToDouble],
  [Int, (token) => toInt32(tokenToLong(token))],
  [DateTimeType, tokenToDate],
]);

function readToken(token: JToken | null, to: CsType, read: (token: JToken) => unknown): unknown {
  const absent = token === null || token.type === "Null";
  if (!absent) return read(token);
  if (!to.isValueType) return null;
  throw token === null
    ? new CsException("ArgumentNullException", "Value cannot be null.")
    : new CsException("ArgumentException", `Can not convert Null to ${to.name}.`);
}
