import { t } from "../words/translate.ts";

/** How long a service may fail, in milliseconds, before a line is written about it. */
const reportAfterMs = 5_000;

interface Outage {
  since: number;
  isReported: boolean;
}

/**
 * Reports a service that does not answer, once per outage. Retries can take minutes, and the operator should know what
 * the command waits for.
 */
export class StallWatch {
  private readonly outages = new Map<string, Outage>();
  private readonly now: () => number;
  private readonly report: (line: string) => void;

  /** @param report Receives a line for people. */
  constructor(report: (line: string) => void, now: () => number = Date.now) {
    this.report = report;
    this.now = now;
  }

  /** Records that a service answered with anything but a server error. */
  answered(host: string): void {
    const outage = this.outages.get(host);
    if (!outage) return;
    this.outages.delete(host);
    if (outage.isReported) this.report(t`${host} answers again.`);
  }

  /**
   * Records that a request to a service failed.
   * @param why A code, for example ECONNREFUSED or "HTTP 503".
   */
  failed(host: string, why: string): void {
    const now = this.now();
    const outage = this.outages.get(host) ?? { since: now, isReported: false };
    this.outages.set(host, outage);
    if (outage.isReported || now - outage.since < reportAfterMs) return;
    outage.isReported = true;
    this.report(t`${host} does not answer (${why}): retrying …`);
  }

  /** Records the outcome of a request, and passes it on. */
  async observe<Answer extends { status: number }>(url: string, answer: Promise<Answer>): Promise<Answer> {
    const { host } = new URL(url);
    try {
      const { status } = await answer;
      if (status >= 500) this.failed(host, `HTTP ${status}`);
      else this.answered(host);
    } catch (error) {
      const failure = error as { code?: string; shownCode?: string; name?: string; statusCode?: number };
      const { code = t`no connection`, shownCode = code, name, statusCode } = failure;
      // The SDKs also throw for an answer: one below 500 shows that the service works.
      if (statusCode !== undefined && statusCode < 500) this.answered(host);
      // This program aborted the request, or the sign-in failed before it: that is no failure of the service.
      else if (name !== "AbortError" && name !== "OperatorError") this.failed(host, shownCode);
    }
    return answer;
  }
}
