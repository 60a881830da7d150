/*
 * What the doctor measured for one port of one destination, in words and numbers that the decision table reads. The same
 * names are in terminal-doctor.ps1.
 */

/** How a stage of a connection ended. "not-tried": an earlier stage failed, or the stage does not apply. */
export interface Facts {
  service: string;
  transport: string;
  requirement: "required" | "optional";
  availability: "now" | "soon";
  tlsInspection: "possible" | "never" | "not-applicable";
  protocol: "tcp" | "udp";
  /** Whether an earlier port of the row was tried in vain. */
  isFallback: boolean;
  /** Whether the row stands for many hosts, of which one was tried. */
  isPattern: boolean;
  /** Whether the row was completed before the time limit of the whole run. */
  isComplete: boolean;
  /** "server-error": a DNS server answers with an error, for example SERVFAIL. "by-proxy": the proxy resolves the name. */
  dns: "ok" | "not-found" | "server-error" | "no-answer" | "by-proxy" | "not-tried";
  /** Kind of the addresses in the answer; "private" if one is not on the internet, for example 10.0.0.1 or 0.0.0.0. */
  addresses: "public" | "private" | "none";
  /** IP versions of the addresses in the answer. */
  addressFamilies: "ipv4" | "ipv6" | "both" | "none";
  /** IP versions that this computer has an address of. */
  localFamilies: "ipv4" | "ipv6" | "both" | "none";
  route: "direct" | "proxy";
  /** "not-found": its name has no address. "sign-in": 407. "forbidden": 403. "refused": another status. "closed": no answer, connection ended. */
  proxy:
    | "ok"
    | "not-found"
    | "unreachable"
    | "no-answer"
    | "closed"
    | "sign-in"
    | "forbidden"
    | "refused"
    | "not-tried";
  /** Whether a user and a password were given for the proxy. */
  proxyHasCredentials: boolean;
  tcp: "ok" | "refused" | "timeout" | "no-route" | "failed" | "not-tried";
  udp: "answered" | "refused" | "silent" | "failed" | "not-tried";
  /** "old-version": the other side accepts no version from the row's minimum on. */
  tls: "ok" | "old-version" | "closed" | "timeout" | "failed" | "not-tried";
  /**
   * "expected": it ends in a root of the row. "other-public": in another public root. "own-trusted" and "untrusted": in a
   * root that is not public, which this computer trusts or does not trust. "wrong-name": another host's certificate.
   */
  chain: "expected" | "other-public" | "own-trusted" | "untrusted" | "wrong-name" | "dates" | "not-tried";
  /**
   * "service": the answer has the form of the service. "redirect": to another host. "page": a page in place of a file, or
   * 511. "unclear": it can be the service's own, or that of a device on the way.
   */
  http: "service" | "foreign" | "redirect" | "page" | "unclear" | "closed" | "timeout" | "not-tried";
  /** Whether the WebSocket was opened. */
  upgrade: "ok" | "refused" | "closed" | "timeout" | "not-tried";
  /** This computer's clock beside the Date of the answer: "off" by more than five minutes. */
  clock: "ok" | "off" | "unknown";
  signIn: "ok" | "rejected" | "failed" | "no-file" | "not-tried";
  /** The remaining facts are about the whole run: see `relate`. */
  clockOfOthers: "ok" | "off" | "unknown";
  revocation: "ok" | "blocked" | "unknown";
  /** Whether a sign-in page of the network answers in place of plain HTTP hosts. */
  isBehindPortal: boolean;
  /** Whether no host of the row's region is reached, and hosts of another region are. */
  isRegionCutOff: boolean;
  /** Whether a destination was reached through a proxy. */
  proxyWorks: boolean;
}

export const noFacts: Facts = {
  service: "",
  transport: "",
  requirement: "required",
  availability: "now",
  tlsInspection: "not-applicable",
  protocol: "tcp",
  isFallback: false,
  isPattern: false,
  isComplete: true,
  dns: "not-tried",
  addresses: "none",
  addressFamilies: "none",
  localFamilies: "both",
  route: "direct",
  proxy: "not-tried",
  proxyHasCredentials: false,
  tcp: "not-tried",
  udp: "not-tried",
  tls: "not-tried",
  chain: "not-tried",
  http: "not-tried",
  upgrade: "not-tried",
  clock: "unknown",
  signIn: "not-tried",
  clockOfOthers: "unknown",
  revocation: "unknown",
  isBehindPortal: false,
  isRegionCutOff: false,
  proxyWorks: false,
};

/** Values for the placeholders of the words, for example host, port, proxy and issuer. They hold no secret. */
export type Details = Record<string, string>;

/** What was measured at one port. */
export interface Attempt {
  port: number;
  facts: Facts;
  details: Details;
}
