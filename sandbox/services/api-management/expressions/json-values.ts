import { blanks } from "./characters.ts";
import { type DateTime, invariantDate } from "./date-time.ts";
import { CsException } from "./exception.ts";
import type { JToken } from "./json.ts";
import { doubleText } from "./values.ts";

/** (string)token, which is null for a JSON null. */
export function tokenToString(token: JToken): string | null {
  switch (token.type) {
    case "Object":
    case "Array":
      throw new CsException("ArgumentException", `Can not convert ${token.type} to String.`);
    case "Null":
      return null;
    case "Boolean":
      return token.value ? "True" : "False";
    case "Float":
      return doubleText(token.value as number);
    case "Date":
      return invariantDate(token.value as DateTime);
    default:
      return String(token.value);
  }
}

const boolText = new RegExp(`^[${blanks}\\0]*(true|false)[${blanks}\\0]*$`, "i");

/** Boolean.Parse: "true" or "false" with optional white space around. */
export function parseBool(text: string): boolean {
  const word = boolText.exec(text)?.[1];
  if (!word) throw new CsException("FormatException", "String was not recognized as a valid Boolean.");
  return word.toLowerCase() === "true";
}

/** (bool)token: booleans, numbers and the strings "true" and "false". */
export function tokenToBool(token: JToken): boolean {
  if (token.type === "Boolean") return token.value as boolean;
  if (token.type === "Integer") return token.value !== 0n;
  if (token.type === "Float") return token.value !== 0;
  if (token.type === "String") return parseBool(token.value as string);
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Boolean.`);
}

/** (long)token: integers, numbers rounded half to even, and strings of digits. */
export function tokenToLong(token: JToken): bigint {
  if (token.type === "Integer") return toInt64(token.value as bigint);
  if (token.type === "Boolean") return token.value ? 1n : 0n;
  if (token.type === "Float") return toInt64(roundHalfToEven(token.value as number));
  if (token.type === "String") return parseLong(token.value as string);
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Int64.`);
}

/** (double)token. */
export function tokenToDouble(token: JToken): number {
  if (token.type === "Float" || token.type === "Integer") return Number(token.value);
  if (
    token.type === "String" &&
    /^[\t-\r ]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[\t-\r ]*$/.test(token.value as string)
  ) {
    return Number(token.value);
  }
  return Number(tokenToLong(token));
}

/** (DateTime)token. Strings in other date formats are rejected. */
export function tokenToDate(token: JToken): DateTime {
  if (token.type === "Date") return token.value as DateTime;
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Date.`);
}

/** Digits with an optional sign and white space around, as Int32.Parse and Int64.Parse accept them. */
function digits(text: string): bigint {
  const number = /^[\t-\r ]*([+-]?\d+)[\t-\r ]*\0*$/.exec(text)?.[1];
  if (number === undefined) {
    throw new CsException("FormatException", "Input string was not in a correct format.");
  }
  return BigInt(number.replace("+", ""));
}

/** Int64.Parse. */
export function parseLong(text: string): bigint {
  return toInt64(digits(text));
}

/** Int32.Parse. */
export function parseInt32(text: string): number {
  return toInt32(digits(text));
}

/** Convert.ToInt32 of an integer. */
export function toInt32(value: bigint): number {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  throw new CsException("OverflowException", "Value was either too large or too small for an Int32.");
}

function toInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new CsException("OverflowException", "Value was either too large or too small for an Int64.");
}

function roundHalfToEven(value: number): bigint {
  if (!Number.isFinite(value)) return 2n ** 64n;
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return BigInt(Math.round(value));
  return BigInt(floor % 2 === 0 ? floor : floor + 1);
}
