import { formatNumber, inLocale, t } from "../words/translate.ts";

export { count } from "../words/translate.ts";

/** A duration for people: "40 s", "12 min", "3.5 h". */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return t`${formatNumber(seconds / 3600, 1)} h`;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** A size for people, in powers of 1000: "0 B", "4.2 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < byteUnits.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? Math.round(value) : formatNumber(value, value < 9.95 ? 1 : 0)} ${byteUnits[unit]}`;
}

/**
 * A time for people, in the time zone of this computer with its name: "30 Dec 2026 00:46 CET", "30. des. 2026 00:46 CET".
 * @param time Date, milliseconds since 1970, or ISO 8601.
 */
export function formatTime(time: Date | string | number): string {
  return formatDateTime(time, {
    ...{ day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  });
}

/** A time for people with its seconds: "30 Dec 2026 00:46:05 CET". */
export function formatPreciseTime(time: Date | string | number): string {
  return formatDateTime(time, {
    ...{ day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  });
}

/** A day for people, in the time zone of this computer: "30 Dec 2026", "30. des. 2026". */
export function formatDay(time: Date | string | number): string {
  return formatDateTime(time, { day: "numeric", month: "short", year: "numeric" });
}

function formatDateTime(time: Date | string | number, options: Intl.DateTimeFormatOptions): string {
  return inLocale((locale) => new Date(time).toLocaleString(locale, options).replace(",", ""));
}

/** The first `limit` names, and how many more there are: "a, b and 3 more". */
export function listNames(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).join(", ");
  return names.length > limit ? t`${shown} and ${names.length - limit} more` : shown;
}

/** The first `limit` names, each on an indented line of its own, and how many more there are. */
export function nameLines(names: readonly string[], limit: number): string[] {
  const lines = names.slice(0, limit).map((name) => `  ${name}`);
  return names.length > limit ? [...lines, `  ${andMore(names.length - limit)}`] : lines;
}

/** The last line of a list that is not shown whole: "and 3 more". */
export function andMore(number: number): string {
  return t`and ${number} more`;
}

/** Rows of a name and a value, each on a line of its own, with all values in one column. */
export function formatTable(rows: [string, string | number][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
