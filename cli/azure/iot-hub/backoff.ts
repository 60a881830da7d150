/**
 * How long to wait, in milliseconds, after the `attempt`th failure in a row: doubling from `firstMs` (half a second)
 * to `longestMs` (20 seconds), and of that between a half and the whole, so that many callers do not come back
 * together.
 */
export function backoff(
  attempt: number,
  random: () => number,
  { firstMs, longestMs }: { firstMs: number; longestMs: number } = { firstMs: 500, longestMs: 20_000 },
): number {
  return Math.min(longestMs, firstMs * 2 ** (attempt - 1)) * (0.5 + 0.5 * random());
}

/** How long to wait after a 429 of an IoT Hub, which has no Retry-After; its body says ten seconds. */
export function throttledBackoff(random: () => number): number {
  return 10_000 * (1 + 0.3 * random());
}
