/**
 * Compares this computer's clock with the clocks of services, by the header Date of their answers (RFC 9110, section
 * 6.6.1). The header has whole seconds, and an answer needs time: the comparison is exact to some seconds.
 */
export class ClockWatch {
  /** Milliseconds that this computer's clock is ahead, by the service's host. */
  private readonly ahead = new Map<string, number>();

  /** Observes an answer. @param date Value of its header Date; undefined without one. */
  observe(url: string, date: string | undefined, now = Date.now()): void {
    const time = Date.parse(date ?? "");
    if (!Number.isNaN(time)) this.ahead.set(new URL(url).host, now - time);
  }

  /** Milliseconds that this computer's clock is ahead of a service's; negative when it is behind, undefined without an answer. */
  aheadOf(url: string): number | undefined {
    return this.ahead.get(new URL(url).host);
  }
}
