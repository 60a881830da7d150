import { CsException } from "./exception.ts";

/** System.DateTimeKind. The gateway's local time zone is UTC. */
export type DateTimeKind = "Utc" | "Local" | "Unspecified";

/** Ticks are 100 ns: ticks a second, a millisecond, of 1970-01-01, and the last tick of the year 9999. */
const ticksPerSecond = 10_000_000n;
const ticksPerMillisecond = 10_000n;
const epoch = 621_355_968_000_000_000n;
const lastValue = 3_155_378_975_999_999_999n;

/** System.DateTime. */
export class DateTime {
  /** Ticks since 0001-01-01. */
  readonly ticks: bigint;
  readonly kind: DateTimeKind;

  constructor(ticks: bigint, kind: DateTimeKind) {
    if (ticks < 0n || ticks > lastValue) {
      throw new CsException("ArgumentOutOfRangeException", "The resulting DateTime cannot be represented.");
    }
    this.ticks = ticks;
    this.kind = kind;
  }

  /** @param ms Milliseconds since 1970, an integer. */
  static utc(ms: number): DateTime {
    return new DateTime(epoch + BigInt(ms) * ticksPerMillisecond, "Utc");
  }

  /** @param ms Rounded to whole milliseconds, as .NET Framework does. */
  plus(ms: number): DateTime {
    const whole = Math.sign(ms) * Math.round(Math.abs(ms));
    // Larger than the whole range of DateTime. The check also rejects infinity, which BigInt cannot hold.
    if (!(Math.abs(whole) < 1e15)) return new DateTime(-1n, this.kind);
    return new DateTime(this.ticks + BigInt(whole) * ticksPerMillisecond, this.kind);
  }

  /** For example 2026-03-04T05:06:07. */
  get seconds(): string {
    return this.javaScript.toISOString().slice(0, 19);
  }

  /** The seven fractional digits of the seconds. */
  get fraction(): string {
    return String(this.ticks % ticksPerSecond).padStart(7, "0");
  }

  /** For example Wed, 04 Mar 2026 05:06:07 GMT. */
  get rfc1123(): string {
    return this.javaScript.toUTCString();
  }

  /** The format specifier "K". */
  get zone(): string {
    return { Utc: "Z", Local: "+00:00", Unspecified: "" }[this.kind];
  }

  private get javaScript(): Date {
    return new Date(Number((this.ticks - (this.ticks % ticksPerSecond) - epoch) / ticksPerMillisecond));
  }
}

/** System.TimeSpan. */
export class TimeSpan {
  readonly ticks: bigint;

  constructor(ticks: bigint) {
    this.ticks = ticks;
  }

  static milliseconds(ms: number): TimeSpan {
    return new TimeSpan(BigInt(ms) * ticksPerMillisecond);
  }

  get totalMilliseconds(): number {
    return Number(this.ticks) / Number(ticksPerMillisecond);
  }
}

/** The supported formats of DateTime.ToString. All are independent of the culture. */
export const dateFormats: ReadonlyMap<string, (date: DateTime) => string> = new Map([
  ["o", (date) => `${date.seconds}.${date.fraction}${date.zone}`],
  ["O", (date) => `${date.seconds}.${date.fraction}${date.zone}`],
  ["r", (date) => date.rfc1123],
  ["R", (date) => date.rfc1123],
  ["s", (date) => date.seconds],
  ["u", (date) => `${date.seconds.replace("T", " ")}Z`],
  ["yyyy-MM-dd", (date) => date.seconds.slice(0, 10)],
  ["yyyyMMdd", (date) => date.seconds.slice(0, 10).replaceAll("-", "")],
  ["yyyy-MM-ddTHH:mm:ssZ", (date) => `${date.seconds}Z`],
  ["yyyy-MM-ddTHH:mm:ss.fffZ", (date) => `${date.seconds}.${date.fraction.slice(0, 3)}Z`],
] satisfies [string, (date: DateTime) => string][]);

/** Convert.ToString(date, CultureInfo.InvariantCulture): the result of casting a JSON date to string. */
export function invariantDate(date: DateTime): string {
  const [year, month, day] = date.seconds.slice(0, 10).split("-");
  return `${month}/${day}/${year} ${date.seconds.slice(11)}`;
}

const isoDate = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/;
const microsoftDate = /^\/Date\((-?\d{1,18})([+-]\d{4})?\)\/$/;

/**
 * Parses a JSON string that Json.NET reads as a date: ISO 8601, or /Date(…)/. UTC and unspecified zones are kept;
 * any other offset is converted to local time. Source: Json.NET, DateTimeParser.cs and DateTimeUtils.cs, RoundtripKind.
 */
export function jsonDate(text: string): DateTime | undefined {
  const microsoft = microsoftDate.exec(text);
  if (microsoft) {
    return new DateTime(epoch + BigInt(microsoft[1]!) * ticksPerMillisecond, microsoft[2] ? "Local" : "Utc");
  }
  const [, seconds, fraction = "", utc, sign, hours, minutes = "0"] = isoDate.exec(text) ?? [];
  if (seconds === undefined || seconds.startsWith("0000")) return undefined;
  const date = new Date(`${seconds}Z`);
  // JavaScript turns February 30 into March; Json.NET keeps it as a string.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== seconds) return undefined;
  const ticks = DateTime.utc(date.getTime()).ticks + BigInt(fraction.padEnd(7, "0"));
  if (sign === undefined) return new DateTime(ticks, utc ? "Utc" : "Unspecified");
  const offset = (BigInt(hours!) * 3600n + BigInt(minutes) * 60n) * ticksPerSecond;
  const moved = sign === "+" ? ticks - offset : ticks + offset;
  return new DateTime(moved < 0n ? 0n : moved > lastValue ? lastValue : moved, "Local");
}

/** Formats a date as Json.NET does: without trailing zeros in the fraction. */
export function jsonDateText(date: DateTime): string {
  const fraction = date.fraction.replace(/0+$/, "");
  return `${date.seconds}${fraction && `.${fraction}`}${date.zone}`;
}
