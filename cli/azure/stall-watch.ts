/** How long a service may fail before who waits is told, in milliseconds. */
const toldAfterMs = 5_000;

interface Silence {
  since: number;
  isTold: boolean;
}

/**
 * Notices services that do not answer while they are asked again and again, and tells of it once: retries can take
 * minutes, and whoever waits should know what for.
 */
export class StallWatch {
  private readonly silent = new Map<string, Silence>();
  private readonly now: () => number;
  private readonly tell: (line: string) => void;

  /** @param tell Takes a line for people. */
  constructor(tell: (line: string) => void, now: () => number = Date.now) {
    this.tell = tell;
    this.now = now;
  }

  /** A service answered something else than that it is down. */
  answered(host: string): void {
    const silence = this.silent.get(host);
    if (!silence) return;
    this.silent.delete(host);
    if (silence.isTold) this.tell(`${host} answers again.`);
  }

  /** @param why A code, for example ECONNREFUSED or "HTTP 503". */
  failed(host: string, why: string): void {
    const now = this.now();
    const silence = this.silent.get(host) ?? { since: now, isTold: false };
    this.silent.set(host, silence);
    if (silence.isTold || now - silence.since < toldAfterMs) return;
    silence.isTold = true;
    this.tell(`${host} does not answer (${why}): trying again …`);
  }
}

let watch: StallWatch | undefined;

/** Has services that do not answer told from now on. */
export function watchForStalls(tell: (line: string) => void): void {
  watch = new StallWatch(tell);
}

/** Lets the watch, if there is one, see what becomes of a request. */
export async function heard<Answer extends { status: number }>(
  url: string,
  answer: Promise<Answer>,
): Promise<Answer> {
  if (!watch) return answer;
  const { host } = new URL(url);
  try {
    const { status } = await answer;
    if (status >= 500) watch.failed(host, `HTTP ${status}`);
    else watch.answered(host);
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    // A request that this program ends says nothing about the service.
    if (name !== "AbortError") watch.failed(host, code ?? "no connection");
  }
  return answer;
}
