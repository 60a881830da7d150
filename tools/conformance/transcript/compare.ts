import { isDeepStrictEqual } from "node:util";
import type { Transcript } from "./transcript.ts";

type CheckRecord = Transcript["checks"][number];

/** One check of two runs. */
export interface Difference {
  id: string;
  title: string;
  /** same: both saw the same values; different: they did not; unknown: one of them could not tell. */
  result: "same" | "different" | "unknown";
  /** The values that differ, or why the comparison cannot tell. */
  details: string[];
}

/**
 * Compares the values that two runs have seen. Times are not compared.
 * @returns One row for each check of either run, in the order of the first run.
 */
export function compareTranscripts(one: Transcript, other: Transcript): Difference[] {
  const byId = new Map(other.checks.map((check) => [check.id, check]));
  const ids = new Set(one.checks.map(({ id }) => id));
  const rows = one.checks.map((check) => compareChecks(check, byId.get(check.id), other.target));
  const more = other.checks.filter(({ id }) => !ids.has(id));
  return [...rows, ...more.map((check) => compareChecks(check, undefined, one.target))];
}

function compareChecks(one: CheckRecord, other: CheckRecord | undefined, otherTarget: string): Difference {
  const { id, title } = one;
  if (!other) return { id, title, result: "unknown", details: [`not run in the other run (${otherTarget})`] };
  const values = new Map(other.observations.map(({ what, observed }) => [what, observed]));
  const details = one.observations
    .filter(({ what, observed }) => values.has(what) && !isDeepStrictEqual(values.get(what), observed))
    .map(
      ({ what, observed }) =>
        `${what}: ${JSON.stringify(observed)}, other run: ${JSON.stringify(values.get(what))}`,
    );
  if (details.length > 0) return { id, title, result: "different", details };
  const reasons = [one, other].flatMap(({ verdict, reason }) =>
    verdict === "unknown" ? [reason ?? "no reason"] : [],
  );
  if (reasons.length > 0) return { id, title, result: "unknown", details: reasons };
  const whats = ({ observations }: CheckRecord) => observations.map(({ what }) => what);
  if (!isDeepStrictEqual(new Set(whats(one)), new Set(whats(other)))) {
    return { id, title, result: "unknown", details: ["the two runs recorded different values"] };
  }
  return { id, title, result: "same", details: [] };
}
