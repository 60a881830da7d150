import { maxLinkDays } from "../file-exchange/link-validity.ts";

/** One of the two keys of a storage account. */
export interface AccountKey {
  name: string;
  /** Base64. A secret. */
  value: string;
  /** Creation time in milliseconds since 1970; 0 when Azure does not report it. */
  createdOn: number;
}

/** Which account key signs file links, and when the other one can be rotated. */
export interface SigningKeySchedule {
  /** The key that signs file links now. */
  signing: AccountKey;
  /** The older key, which the next rotation regenerates. */
  next: AccountKey;
  /** Time in milliseconds since 1970 from which all file links signed with `next` have expired. */
  possibleFrom: number;
}

const minuteMs = 60_000;
const maxLinkMs = maxLinkDays * 24 * 60 * minuteMs;
/**
 * A new key starts to sign after this delay. If two operators rotate at the same moment, the second one then
 * regenerates a key that has signed nothing yet.
 */
export const newKeyDelayMs = 20 * minuteMs;
/** A command reads the account keys again after this time. */
export const keyCacheMs = 5 * minuteMs;
/**
 * Safety margin for three things: the delay of a new key, commands that still use keys from their cache, and wrong
 * clocks of operators. Azure Storage rejects requests from clocks that are more than 15 minutes off.
 */
const marginMs = 60 * minuteMs;

/**
 * Computes which of the two account keys signs, and when the other one can be regenerated. The result depends only
 * on the creation times, which Azure stores, so that all operators get the same result. The newer key signs, once
 * `newKeyDelayMs` has passed. The older key is unused until every link that it signed has expired.
 * @param keys The keys in the account's order. If both have the same age, the first one counts as the newer.
 */
export function signingKeySchedule(keys: readonly [AccountKey, AccountKey], now: number): SigningKeySchedule {
  const [first, second] = keys;
  const [newer, older] = second.createdOn > first.createdOn ? [second, first] : [first, second];
  const signing = now - newer.createdOn >= newKeyDelayMs ? newer : older;
  return { signing, next: older, possibleFrom: newer.createdOn + maxLinkMs + marginMs };
}
