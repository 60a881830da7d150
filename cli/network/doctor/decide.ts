import { notUsedYet, otherwise, rules, type Verdict } from "./decision-table.ts";
import type { Attempt, Details, Facts } from "./facts.ts";

/** A verdict with its reason. */
export interface Decision {
  verdict: Verdict;
  reason: string;
  /** Why it is not reached, where `reason` says that it need not be. */
  cause?: string;
}

/** Decides by the table. terminal-doctor.ps1 has the same function, `Get-Decision`. */
export function decide(facts: Facts): Decision {
  const values = facts as unknown as Record<string, unknown>;
  const rule = rules.find(({ when }) =>
    Object.entries(when).every(([name, expected]) =>
      Array.isArray(expected) ? expected.includes(values[name]) : expected === values[name],
    ),
  );
  const { verdict, reason } = rule ?? otherwise;
  if (verdict === "failed" && facts.availability === "soon") return { ...notUsedYet, cause: reason };
  return { verdict, reason };
}

/** Verdicts from the best to the worst, to choose between the ports of a row. */
const order: Verdict[] = ["passed", "works-with-remark", "not-needed", "could-not-tell", "failed"];

/**
 * The attempt that stands for the row: the first one with the best verdict, because one port that is reached is enough.
 * UDP that is silent says less than a TCP port that is closed, so it does not hide a failure: a row is "could not tell"
 * only if no other port failed.
 */
export function chooseAttempt(attempts: readonly Attempt[]): { attempt: Attempt; decision: Decision } {
  const decided = attempts.map((attempt) => ({ attempt, decision: decide(attempt.facts) }));
  const works = ({ decision }: (typeof decided)[number]) => order.indexOf(decision.verdict) <= 2;
  const best = decided.filter(works).sort(byVerdict)[0];
  const failed = decided.find(({ decision }) => decision.verdict === "failed");
  const chosen = best ?? failed ?? decided[0];
  if (!chosen) throw new Error("a destination has no port");
  return chosen;
}

/** A stable sort keeps the order of the ports. */
function byVerdict(a: { decision: Decision }, b: { decision: Decision }): number {
  return order.indexOf(a.decision.verdict) - order.indexOf(b.decision.verdict);
}

/** The attempts of one destination. */
export interface MeasuredRow {
  id: string;
  service: string;
  region: string | null;
  attempts: Attempt[];
}

/** Regions of which no host was reached, although hosts of another region were. */
export function cutOffRegions(rows: readonly MeasuredRow[]): string[] {
  const regions = new Map<string, boolean>();
  for (const { region, attempts } of rows) {
    if (region === null) continue;
    const isReached = attempts.some(({ facts }) => isConnected(facts));
    regions.set(region, (regions.get(region) ?? false) || isReached);
  }
  if (![...regions.values()].includes(true)) return [];
  return [...regions].flatMap(([region, isReached]) => (isReached ? [] : [region]));
}

/**
 * Adds to each row what only all rows together show: a sign-in page of the network, a region that is cut off, the
 * revocation servers, the clock, and whether a proxy works.
 */
export function relate(rows: readonly MeasuredRow[]): void {
  const all = rows.flatMap(({ attempts }) => attempts.map(({ facts }) => facts));
  const isPortal = ({ transport, route, http }: Facts) =>
    transport === "http" && route === "direct" && (http === "redirect" || http === "page");
  // A network that lets the services through only blocks the hosts of certificates.
  const isServiceReached = all.some(({ transport, http }) => transport !== "http" && http === "service");
  const isBehindPortal = !isServiceReached && all.some(isPortal);
  const proxyWorks = all.some(({ proxy }) => proxy === "ok");
  const clockOfOthers = clockSeen(all.filter(({ http }) => http === "service"));
  const status = rows.filter(({ service }) => service === "certificate-status");
  const isStatusReached = (row: MeasuredRow) =>
    row.attempts.some(({ facts: { http } }) => http === "service" || http === "unclear");
  const revocation = status.length === 0 ? "unknown" : status.every(isStatusReached) ? "ok" : "blocked";
  const cutOff = cutOffRegions(rows);
  const hostsOf = (region: string) =>
    rows.filter((row) => row.region === region && row.attempts[0]?.facts.availability === "now").length;
  for (const { region, attempts } of rows) {
    // One host alone can also be away itself.
    const isRegionCutOff = region !== null && cutOff.includes(region) && hostsOf(region) > 1;
    for (const { facts } of attempts) {
      Object.assign(facts, { isBehindPortal, proxyWorks, clockOfOthers, revocation, isRegionCutOff });
    }
  }
}

/** What the services' answers show of this computer's clock. */
function clockSeen(facts: readonly Facts[]): Facts["clockOfOthers"] {
  const clocks = facts.map(({ clock }) => clock);
  return clocks.includes("off") ? "off" : clocks.includes("ok") ? "ok" : "unknown";
}

/** Whether a connection to the host, or a tunnel to it, was opened. */
export function isConnected({ tcp, proxy, udp }: Facts): boolean {
  return tcp === "ok" || proxy === "ok" || udp === "answered";
}

/** Puts details into the placeholders of a text: "{host} answers" becomes "example.com answers". */
export function fillIn(text: string, details: Details): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => details[name] ?? "?");
}
