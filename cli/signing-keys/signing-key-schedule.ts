/** One of the two keys of a storage account. */
export interface AccountKey {
  name: string;
  /** Base64. A secret. */
  value: string;
  /** When it was made, in milliseconds; 0 for a key that is older than Azure's memory. */
  createdOn: number;
}

/** Whose turn it is. */
export interface SigningKeySchedule {
  /** The key that signs now. */
  signing: AccountKey;
  /** The older key, which the next rotation makes anew. */
  next: AccountKey;
  /** From when on that ends nothing, in milliseconds: whatever the older key signed is over by then. */
  possibleFrom: number;
}

const minuteMs = 60_000;
/** The longest that a file's key is valid. */
const linkMs = 30 * 24 * 60 * minuteMs;
/**
 * For so long a new key does not sign yet. If two operators rotate at the same moment, the second one makes anew a
 * key with which nobody has signed anything.
 */
export const newKeyDelayMs = 20 * minuteMs;
/** For so long a command works with the keys that it has read. */
export const keyCacheMs = 5 * minuteMs;
/**
 * Covers settling, commands that still hold what they read, and operators' clocks: storage refuses whoever is more
 * than 15 minutes off.
 */
const marginMs = 60 * minuteMs;

/**
 * Which of an account's two keys signs, and when the other one can be made anew. It follows from the keys' ages
 * alone, which the storage account keeps, so that there is nothing that operators could disagree on: the newer key
 * signs, once it has settled; the older one rests, until everything it signed has expired.
 * @param keys The account's two keys, in the account's order: of two keys of the same age the first counts as newer.
 */
export function signingKeySchedule(keys: readonly [AccountKey, AccountKey], now: number): SigningKeySchedule {
  const [first, second] = keys;
  const [newer, older] = second.createdOn > first.createdOn ? [second, first] : [first, second];
  const signing = now - newer.createdOn >= newKeyDelayMs ? newer : older;
  return { signing, next: older, possibleFrom: newer.createdOn + linkMs + marginMs };
}
