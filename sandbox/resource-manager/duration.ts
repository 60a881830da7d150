/** Parses an ISO 8601 duration with days, hours, minutes and seconds, such as PT1H0M0S or P2D. @returns Milliseconds; NaN for any other text. */
export function durationMs(duration: string): number {
  const match = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  if (!match) return Number.NaN;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
