/** Where a proxy's address comes from. */
export type ProxySource = "option" | "environment" | "pac" | "system";

/** The proxy for a destination. */
export interface ProxyChoice {
  /** It can hold a user and a password. */
  url: URL;
  source: ProxySource;
}

/** Host and port of a proxy, without its password. */
export function shownProxy({ url }: ProxyChoice): string {
  return url.host;
}
