import { requireProperty } from "../../engine/checks.ts";
import type { Check } from "../../engine/rule.ts";
import type { Value } from "../../engine/value.ts";

/** Days of a period in the form DD.HH:MM:SS; undefined for any other text. */
function parseDays(value: Value): number | undefined {
  const match = /^(\d+)\.(\d\d):(\d\d):(\d\d)$/.exec(String(value));
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map(Number) as [number, number, number, number];
  return days + hours / 24 + minutes / 1440 + seconds / 86_400;
}

/** Checks that the SAS policy of a storage account allows at most this many days. */
export const requireSasPeriod = (maximumDays: number): Check =>
  requireProperty("sasPolicy.sasExpirationPeriod", `a period of at most ${maximumDays}.00:00:00`, (value) => {
    const days = parseDays(value);
    return days !== undefined && days > 0 && days <= maximumDays;
  });
