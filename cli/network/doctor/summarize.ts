import type { Destination, EndpointList } from "../endpoint-list.ts";
import { chooseAttempt, cutOffRegions, decide, fillIn, type MeasuredRow, relate } from "./decide.ts";
import { type Verdict, verdicts } from "./decision-table.ts";
import type { Attempt, Details, Facts } from "./facts.ts";
import type { DoctorReport, DoctorResult } from "./report.ts";
import { detailWords, reasonWords } from "./words.ts";

/** What was measured of one destination. */
export interface Measurement {
  row: Destination;
  attempts: Attempt[];
}

/** The part of the report that follows from the measurements. */
export type Judgement = Pick<DoctorReport, "outcome" | "regionsCutOff" | "counts" | "results">;

/** Judges all destinations together. */
export function summarize(measurements: readonly Measurement[]): Judgement {
  const rows: MeasuredRow[] = measurements.map(({ row, attempts }) => ({
    id: row.id,
    service: row.service,
    region: row.region,
    attempts,
  }));
  relate(rows);
  // A sign-in page is seen at one host, and named at all that it stands before.
  const portal = rows.flatMap(({ attempts }) => attempts.map(({ details }) => details.portal)).find(Boolean);
  const clock = rows
    .flatMap((row) => row.attempts)
    .find(({ facts }) => facts.http === "service" && facts.clock === "off")?.details;
  for (const { attempts } of rows) {
    for (const { details } of attempts) {
      details.portal ??= portal ?? "?";
      // A service that sends no time is judged by the clock of the others.
      details.minutes ??= clock?.minutes ?? "?";
      details.direction ??= clock?.direction ?? "?";
      details.way = details.proxy ? ` (proxy ${details.proxy})` : "";
    }
  }
  const results = measurements.map(judgeRow);
  const counts = Object.fromEntries(
    verdicts.map((verdict) => [verdict, results.filter((one) => one.verdict === verdict).length]),
  ) as Record<Verdict, number>;
  return { outcome: outcomeOf(results), regionsCutOff: cutOffRegions(rows), counts, results };
}

function judgeRow({ row, attempts }: Measurement): DoctorResult {
  const { attempt, decision } = chooseAttempt(attempts);
  const { why, request } = explain(decision.reason, decision.cause, attempt.details);
  return {
    id: row.id,
    host: row.host,
    service: row.service,
    region: row.region,
    requirement: row.requirement,
    verdict: decision.verdict,
    reason: decision.reason,
    why,
    request,
    attempts: attempts.map((one) => {
      const { verdict, reason } = decide(one.facts);
      const { protocol } = one.facts;
      return { protocol, port: one.port, verdict, reason, measured: measuredOf(one) };
    }),
  };
}

/** The words of a reason with the details of the row. */
export function explain(
  reason: string,
  cause: string | undefined,
  details: Details,
): Pick<DoctorResult, "why" | "request"> {
  const words = reasonWords[reason];
  if (!words) throw new Error(`no words for the reason ${reason}`);
  const fill = (language: "en" | "no") => (text: { en: string; no: string }) => {
    const shown = Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, detailWords[value]?.[language] ?? value]),
    );
    const causeText = cause ? fillIn(reasonWords[cause]?.why[language] ?? "", shown) : "";
    return fillIn(text[language], { ...shown, cause: causeText });
  };
  const both = (text: { en: string; no: string }) => ({ en: fill("en")(text), no: fill("no")(text) });
  return { why: both(words.why), request: words.request && both(words.request) };
}

/** Facts that say how far a connection came, in the order of its stages. */
const stages = ["route", "dns", "proxy", "tcp", "udp", "tls", "chain", "http", "upgrade", "signIn"] as const;
const measuredDetails = [
  "host",
  "dnsServer",
  "addresses",
  "proxy",
  "proxySource",
  "scheme",
  "tlsVersion",
  "cipher",
  "issuer",
  "status",
  "upgradeStatus",
  "clockSeconds",
  "detail",
] as const;

function measuredOf({ facts, details }: Attempt): Record<string, string> {
  const values = facts as Facts & Record<string, unknown>;
  const measured: Record<string, string> = {};
  for (const name of stages) if (values[name] !== "not-tried") measured[name] = String(values[name]);
  // "proxy" and "tcp" also name stages, so the address has another name.
  for (const name of measuredDetails) {
    const value = details[name];
    if (value) measured[name === "proxy" ? "proxyHost" : name] = value.slice(0, 400);
  }
  return measured;
}

function outcomeOf(results: readonly DoctorResult[]): DoctorReport["outcome"] {
  const required = results.filter(({ requirement }) => requirement === "required");
  const failed = required.filter(({ verdict }) => verdict === "failed");
  const isKeys = ({ reason }: DoctorResult) => reason === "keys-rejected";
  if (failed.some((one) => !isKeys(one))) return "blocked";
  if (results.some((one) => one.verdict === "failed" && isKeys(one))) return "keys-rejected";
  return required.some(({ verdict }) => verdict === "could-not-tell") ? "incomplete" : "ok";
}

/** The part of the report that is known from the list. */
export function headOf(list: EndpointList): Pick<DoctorReport, "environment" | "customer" | "listCreatedAt"> {
  return { environment: list.environment, customer: list.customer, listCreatedAt: list.createdAt };
}
