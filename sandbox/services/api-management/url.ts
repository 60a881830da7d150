/** A URL in the parts that IUrl shows. */
export class Url {
  scheme: string;
  host: string;
  port: number;
  /** Begins with a slash; escaped as it came. */
  path: string;
  /** Empty, or with its question mark; escaped as it came. */
  queryString: string;

  constructor(url: URL) {
    this.scheme = url.protocol.slice(0, -1);
    this.host = url.hostname;
    this.port = Number(url.port) || (this.scheme === "https" ? 443 : 80);
    this.path = url.pathname;
    this.queryString = url.search;
  }

  /**
   * The URL of a request as it came: the path without dot segments, the query untouched.
   * @param target The request's target; also in the absolute form that proxies are sent (RFC 9112, 3.2.2).
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

  /** Each parameter with all of its values; names without regard to case. */
  query(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(this.queryString)) {
      found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), value]);
    }
    return found;
  }

  /** Takes a parameter away. Others stay as they were written. */
  deleteQuery(name: string): void {
    const kept = this.queryString
      .slice(1)
      .split("&")
      .filter((piece) => piece !== "" && nameOf(piece) !== name.toLowerCase());
    this.queryString = kept.length === 0 ? "" : `?${kept.join("&")}`;
  }

  /** Adds values of a parameter at the end. */
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

/** The name in one piece of a query, in lower case. */
function nameOf(piece: string): string {
  return [...new URLSearchParams(piece).keys()][0]?.toLowerCase() ?? "";
}
