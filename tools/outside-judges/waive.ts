import { isFor, isOver, type Waiver } from "../../policies/waivers.ts";
import type { JudgeOutcome, OutsideResult } from "./result.ts";

/** A failure and the waiver that accepts it, if there is one. */
export interface JudgedFailure {
  stack: string;
  result: OutsideResult;
  waiver: Waiver | undefined;
}

/** A waiver that fails the check: it is over, or no resource needs it. */
export interface WaiverFault {
  waiver: Waiver;
  rule: string;
  /** Name of the resource in the program. */
  resource: string;
  kind: "expired" | "unused";
}

/** Finds the waiver of each failure. An expired waiver still counts, and is a fault of its own. */
export function findWaivers(outcomes: JudgeOutcome[], waivers: Waiver[]): JudgedFailure[] {
  return outcomes.flatMap(({ results }) =>
    [...results].flatMap(([stack, each]) =>
      each
        .filter(({ isPassed }) => !isPassed)
        .map((result) => ({
          stack,
          result,
          waiver: waivers.find((waiver) => isFor(waiver, result.rule, result.resource.logicalName, stack)),
        })),
    ),
  );
}

/**
 * Finds waivers that are expired, and those of the judges that ran which no resource needs.
 * @param isComplete Whether every stack was judged. A waiver can be needed in one stack only.
 */
export function findWaiverFaults(
  outcomes: JudgeOutcome[],
  waivers: Waiver[],
  { now, isComplete }: { now: Date; isComplete: boolean },
): WaiverFault[] {
  const failed = new Set(
    findWaivers(outcomes, waivers).map(({ result }) => pairOf(result.rule, result.resource.logicalName)),
  );
  const ran = outcomes.filter(({ couldNotRun }) => couldNotRun === undefined).map(({ judge }) => judge);
  return waivers.flatMap((waiver) =>
    waiver.rules
      .filter((rule) => judgeOf(rule) !== undefined)
      .flatMap((rule) =>
        waiver.resources.flatMap((resource): WaiverFault[] => {
          const isJudged = isComplete && ran.includes(judgeOf(rule)!);
          if (isJudged && !failed.has(pairOf(rule, resource))) {
            return [{ waiver, rule, resource, kind: "unused" }];
          }
          return isOver(waiver, now) ? [{ waiver, rule, resource, kind: "expired" }] : [];
        }),
      ),
  );
}

/** The judge that runs a rule; undefined for a rule of the policy pack, which checks its own waivers. */
export function judgeOf(rule: string): JudgeOutcome["judge"] | undefined {
  if (rule.startsWith("CKV")) return "checkov";
  return rule.startsWith("Azure Policy ") ? "Azure Policy" : undefined;
}

const pairOf = (rule: string, resource: string): string => `${rule}\0${resource}`;
