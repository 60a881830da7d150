import type { CsType } from "./types.ts";

/** An exception as .NET throws it; `type` is its class without the namespace. */
export class CsException extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** A value type behind a reference of type object, which remembers what it was. */
export class Boxed {
  readonly type: CsType;
  readonly value: unknown;

  constructor(type: CsType, value: unknown) {
    this.type = type;
    this.value = value;
  }
}

/** A point in time, UTC; System.DateTime without its other kinds. */
export class DateTime {
  /** Milliseconds since 1970. */
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** System.TimeSpan. */
export class TimeSpan {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** System.Guid, in lower case with hyphens. */
export class Guid {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** System.Text.Encoding: the encodings that policies use. */
export type EncodingName = "utf8" | "ascii";

export function nullReference(): CsException {
  return new CsException("NullReferenceException", "Object reference not set to an instance of an object.");
}

const pad = (value: number, width: number) => String(value).padStart(width, "0");

/** The formats of DateTime.ToString that are run, with what they give; every one is culture-independent. */
export const dateFormats: Record<string, (date: Date) => string> = {
  o: (date) => `${date.toISOString().slice(0, -1)}0000Z`,
  O: (date) => `${date.toISOString().slice(0, -1)}0000Z`,
  r: (date) => date.toUTCString(),
  R: (date) => date.toUTCString(),
  s: (date) => date.toISOString().slice(0, 19),
  u: (date) => `${date.toISOString().slice(0, 19).replace("T", " ")}Z`,
  "yyyy-MM-dd": (date) => date.toISOString().slice(0, 10),
  yyyyMMdd: (date) => date.toISOString().slice(0, 10).replaceAll("-", ""),
  "yyyy-MM-ddTHH:mm:ssZ": (date) => `${date.toISOString().slice(0, 19)}Z`,
  "yyyy-MM-ddTHH:mm:ss.fffZ": (date) => date.toISOString(),
};

/** Convert.ToString(date, CultureInfo.InvariantCulture): what a cast of a JSON date to string gives. */
export function invariantDate(date: Date): string {
  const day = `${pad(date.getUTCMonth() + 1, 2)}/${pad(date.getUTCDate(), 2)}/${date.getUTCFullYear()}`;
  return `${day} ${date.toISOString().slice(11, 19)}`;
}

/** Double.ToString() of the invariant culture. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const text = String(Number(value.toPrecision(15)));
  return text.replace(
    /e([+-])(\d+)$/,
    (_, sign: string, digits: string) => `E${sign}${digits.padStart(2, "0")}`,
  );
}
