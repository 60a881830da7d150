import type { Facts } from "./facts.ts";

/** How a destination was judged. */
export const verdicts = ["passed", "works-with-remark", "not-needed", "could-not-tell", "failed"] as const;
export type Verdict = (typeof verdicts)[number];

type Condition = { [Name in keyof Facts]?: Facts[Name] | readonly Facts[Name][] };

/** If all conditions hold, the verdict and its reason. A list of values stands for any of them. */
export interface Rule {
  when: Condition;
  verdict: Verdict;
  reason: string;
}

const noSuccess = [
  "not-found",
  "unreachable",
  "no-answer",
  "closed",
  "sign-in",
  "forbidden",
  "refused",
] as const;

/** An address that is not on the internet, behind which the service did not answer. */
const isWrongAddress = {
  addresses: "private",
  chain: ["not-tried", "untrusted", "own-trusted", "wrong-name", "other-public"],
  http: ["not-tried", "foreign", "redirect", "page", "unclear", "closed", "timeout"],
} as const satisfies Condition;

/**
 * The rules, of which the first one that holds decides. The command and terminal-doctor.ps1 evaluate this same table, so
 * it only compares facts with values.
 */
export const rules: readonly Rule[] = [
  { when: { isComplete: false }, verdict: "could-not-tell", reason: "not-finished" },

  // DNS and time.
  { when: { transport: "dns", udp: "answered" }, verdict: "passed", reason: "dns-answers" },
  {
    when: { transport: "dns", tcp: "ok", proxyWorks: false },
    verdict: "could-not-tell",
    reason: "dns-tcp-only",
  },
  { when: { transport: "dns", proxyWorks: true }, verdict: "not-needed", reason: "proxy-resolves" },
  { when: { transport: "dns" }, verdict: "failed", reason: "dns-no-server" },
  {
    when: { transport: "ntp", clock: "off", clockOfOthers: "ok" },
    verdict: "failed",
    reason: "time-server-wrong",
  },
  { when: { transport: "ntp", clock: "off" }, verdict: "failed", reason: "clock-off" },
  { when: { transport: "ntp", udp: "answered" }, verdict: "passed", reason: "time-answers" },
  {
    when: { transport: "ntp", clockOfOthers: "ok" },
    verdict: "works-with-remark",
    reason: "time-from-elsewhere",
  },
  { when: { transport: "ntp" }, verdict: "failed", reason: "time-no-answer" },

  // The name.
  {
    when: { isPattern: true, dns: ["not-found", "server-error", "no-answer"] },
    verdict: "could-not-tell",
    reason: "sample-not-resolved",
  },
  { when: { dns: "not-found" }, verdict: "failed", reason: "dns-not-found" },
  { when: { dns: "server-error" }, verdict: "failed", reason: "dns-server-error" },
  { when: { dns: "no-answer" }, verdict: "failed", reason: "dns-no-server" },
  { when: { isBehindPortal: true, ...isWrongAddress }, verdict: "failed", reason: "captive-portal" },
  { when: isWrongAddress, verdict: "failed", reason: "dns-wrong-address" },

  // The way there.
  {
    when: { tcp: "no-route", localFamilies: "ipv6", addressFamilies: "ipv4" },
    verdict: "failed",
    reason: "ipv6-only",
  },
  {
    when: { tcp: "no-route", localFamilies: "ipv4", addressFamilies: "ipv6" },
    verdict: "failed",
    reason: "dns-ipv6-only",
  },
  {
    when: { isRegionCutOff: true, tcp: ["refused", "timeout", "no-route", "failed"] },
    verdict: "failed",
    reason: "region-cut-off",
  },
  { when: { isRegionCutOff: true, proxy: noSuccess }, verdict: "failed", reason: "region-cut-off" },
  { when: { proxy: "not-found" }, verdict: "failed", reason: "proxy-not-found" },
  { when: { proxy: "unreachable" }, verdict: "failed", reason: "proxy-unreachable" },
  { when: { proxy: "no-answer" }, verdict: "failed", reason: "proxy-no-answer" },
  { when: { proxy: "closed" }, verdict: "failed", reason: "proxy-closed" },
  {
    when: { proxy: "sign-in", proxyHasCredentials: true },
    verdict: "failed",
    reason: "proxy-sign-in-refused",
  },
  { when: { proxy: "sign-in" }, verdict: "failed", reason: "proxy-sign-in" },
  { when: { proxy: "forbidden" }, verdict: "failed", reason: "proxy-forbids" },
  { when: { proxy: "refused" }, verdict: "failed", reason: "proxy-refuses" },
  {
    when: { isBehindPortal: true, tcp: ["refused", "timeout", "no-route", "failed"] },
    verdict: "failed",
    reason: "captive-portal",
  },
  { when: { tcp: "refused" }, verdict: "failed", reason: "port-closed" },
  { when: { tcp: "timeout" }, verdict: "failed", reason: "dropped" },
  { when: { tcp: "no-route" }, verdict: "failed", reason: "no-route" },
  { when: { tcp: "failed" }, verdict: "failed", reason: "connection-broken" },
  { when: { protocol: "udp", udp: "refused" }, verdict: "failed", reason: "port-closed" },
  { when: { protocol: "udp", udp: "answered" }, verdict: "passed", reason: "port-open" },
  { when: { protocol: "udp" }, verdict: "could-not-tell", reason: "udp-silent" },

  // Who answers.
  {
    when: { isBehindPortal: true, chain: ["untrusted", "wrong-name", "own-trusted"] },
    verdict: "failed",
    reason: "captive-portal",
  },
  {
    when: { isBehindPortal: true, tls: ["closed", "failed", "timeout"] },
    verdict: "failed",
    reason: "captive-portal",
  },
  {
    when: { isBehindPortal: true, http: ["foreign", "redirect", "page"] },
    verdict: "failed",
    reason: "captive-portal",
  },
  { when: { tls: "old-version" }, verdict: "failed", reason: "tls-too-old" },
  { when: { tls: "timeout" }, verdict: "failed", reason: "tls-no-answer" },
  { when: { tls: ["closed", "failed"] }, verdict: "failed", reason: "tls-broken" },
  { when: { chain: "wrong-name" }, verdict: "failed", reason: "wrong-server" },
  { when: { chain: "untrusted" }, verdict: "failed", reason: "inspected-untrusted" },
  { when: { chain: "dates", clockOfOthers: "off" }, verdict: "failed", reason: "clock-off" },
  { when: { chain: "dates", clock: "off" }, verdict: "failed", reason: "clock-off" },
  { when: { chain: "dates" }, verdict: "failed", reason: "certificate-dates" },
  { when: { http: ["foreign", "redirect", "page"] }, verdict: "failed", reason: "foreign-answer" },
  {
    when: { upgrade: ["refused", "closed", "timeout"] },
    verdict: "failed",
    reason: "upgrade-refused",
  },
  { when: { http: ["closed", "timeout"] }, verdict: "failed", reason: "no-http-answer" },
  { when: { http: "unclear" }, verdict: "could-not-tell", reason: "unclear-answer" },
  {
    when: { clock: "off", service: ["iot-hub", "blob-storage"] },
    verdict: "failed",
    reason: "clock-off",
  },
  {
    when: { clock: "unknown", clockOfOthers: "off", service: ["iot-hub", "blob-storage"] },
    verdict: "failed",
    reason: "clock-off",
  },
  { when: { signIn: "rejected" }, verdict: "failed", reason: "keys-rejected" },
  { when: { signIn: "failed" }, verdict: "failed", reason: "sign-in-failed" },

  // It works, with a remark or without.
  {
    when: { chain: "own-trusted", tlsInspection: "never", http: "service", upgrade: "ok" },
    verdict: "works-with-remark",
    reason: "inspected-forbidden",
  },
  {
    when: { chain: "own-trusted", tlsInspection: "possible", http: "service" },
    verdict: "works-with-remark",
    reason: "inspected-allowed",
  },
  { when: { chain: "other-public" }, verdict: "works-with-remark", reason: "unlisted-root" },
  { when: { clock: "off" }, verdict: "works-with-remark", reason: "clock-off-elsewhere" },
  {
    when: { proxy: "ok", proxyHasCredentials: true },
    verdict: "works-with-remark",
    reason: "proxy-signed-in",
  },
  {
    when: { chain: "expected", revocation: "blocked" },
    verdict: "works-with-remark",
    reason: "revocation-blocked",
  },
  { when: { signIn: "no-file" }, verdict: "works-with-remark", reason: "no-file-waiting" },
  { when: { isFallback: true, tcp: "ok" }, verdict: "works-with-remark", reason: "fallback-port" },
  { when: { isFallback: true, proxy: "ok" }, verdict: "works-with-remark", reason: "fallback-port" },
  { when: { isPattern: true, tcp: "ok" }, verdict: "works-with-remark", reason: "sample-reached" },
  { when: { isPattern: true, proxy: "ok" }, verdict: "works-with-remark", reason: "sample-reached" },
  { when: { signIn: "ok" }, verdict: "passed", reason: "signed-in" },
  {
    when: { transport: "websocket", chain: "expected", upgrade: "ok" },
    verdict: "passed",
    reason: "reached",
  },
  {
    when: { transport: "https", chain: "expected", http: "service" },
    verdict: "passed",
    reason: "reached",
  },
  { when: { transport: "http", http: "service" }, verdict: "passed", reason: "reached" },
  { when: { transport: "teamviewer", tcp: "ok" }, verdict: "passed", reason: "port-open" },
  { when: { transport: "teamviewer", proxy: "ok" }, verdict: "passed", reason: "port-open" },
];

/** If no rule holds. */
export const otherwise = { verdict: "could-not-tell", reason: "not-known" } as const;

/** A failed destination that terminals do not use yet. The reason of the failure stays, as the cause. */
export const notUsedYet = { verdict: "not-needed", reason: "not-used-yet" } as const;
