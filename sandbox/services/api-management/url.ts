/** A URL in the parts of IUrl. */
export class Url {
  scheme: string;
  host: string;
  port: number;
  /** Starts with a slash. Escapes are unchanged. */
  path: string;
  /** Empty, or starts with a question mark. Escapes are unchanged. */
  queryString: string;

  constructor(url: URL) {
    this.scheme = url.protocol.slice(0, -1);
    this.host = url.hostname;
    this.port = Number(url.port) || (this.scheme === "https" ? 443 : 80);
    this.path = url.pathname;
    this.queryString = url.search;
  }

  /**
   * The URL of a received request: the path without dot segments, the query unchanged.
   * @param target The request target, in origin form or absolute form (RFC 9112, 3.2.2).
   */
  static received(scheme: string, host: string, target: string): Url | undefined {
    const [path = "", ...query] = target
      .replace(/^https?:\/\/[^/?#]*/i, "")
      .split("#", 1)[0]!
      .split("?");
    const parsed = URL.parse(`${scheme}://${host}${path || "/"}`);
    if (!parsed || (path !== "" && !path.startsWith("/"))) return undefined;
    const url = new Url(parsed);
    url.queryString = query.join("?") === "" ? "" : `?${query.join("?")}`;
    return url;
  }

  /** Each parameter with all values. Names are case-insensitive, in lower case here. */
  query(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(this.queryString)) {
      found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), value]);
    }
    return found;
  }

  /** Removes a parameter. The others are unchanged. */
  deleteQuery(name: string): void {
    const kept = this.queryString
      .slice(1)
      .split("&")
      .filter((piece) => piece !== "" && nameOf(piece) !== name.toLowerCase());
    this.queryString = kept.length === 0 ? "" : `?${kept.join("&")}`;
  }

  /** Appends values of a parameter. */
  addQuery(name: string, values: string[]): void {
    const escaped = (text: string) => encodeURIComponent(text.toWellFormed());
    const added = values.map((value) => `${escaped(name)}=${escaped(value)}`);
    this.queryString = `?${[this.queryString.slice(1), ...added].filter(Boolean).join("&")}`;
  }

  copy(): Url {
    return Object.assign(Object.create(Url.prototype) as Url, this);
  }

  toString(): string {
    const usual = this.port === (this.scheme === "https" ? 443 : 80);
    return `${this.scheme}://${this.host}${usual ? "" : `:${this.port}`}${this.path}${this.queryString}`;
  }
}

/** The lower-case name of one query parameter. */
function nameOf(piece: string): string {
  return [...new URLSearchParams(piece).keys()][0]?.toLowerCase() ?? "";
}
