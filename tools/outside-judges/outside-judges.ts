import { waivers as reviewedWaivers, type Waiver } from "../../policies/waivers.ts";
import type { DeclaredResources } from "../export-arm/declared-resources.ts";
import { createFinding, type Finding } from "../judge/report/finding.ts";
import type { JudgeScore } from "../judge/report/report.ts";
import { runAzurePolicy } from "./azure-policy/azure-policy.ts";
import { runCheckov } from "./checkov/checkov.ts";
import type { JudgeName, JudgeOutcome, OutsideResult } from "./result.ts";
import { findWaiverFaults, findWaivers, type JudgedFailure, type WaiverFault } from "./waive.ts";

/** Settings of {@link judgeFromOutside}. */
export interface OutsideJudgesOptions {
  /** Whether the stacks are all that have settings: only then can a waiver be unused. */
  isComplete: boolean;
  /** Judges that do not run. Default: both run. */
  without?: JudgeName[];
  /** Checkout of Azure/azure-policy whose definitions are evaluated. Default: those restated in this repository. */
  publishedIn?: string;
  /** Receives one line of progress at a time; default: the lines are dropped. */
  report?: (line: string) => void;
  /** Default: the waivers of policies/waivers.ts. */
  waivers?: Waiver[];
  /** Default: the present. */
  now?: Date;
}

/** What the judges from outside say about a program. */
export interface OutsideVerdict {
  outcomes: JudgeOutcome[];
  /** Failures, waived failures, faults of waivers and judges that could not run. */
  findings: Finding[];
  scores: JudgeScore[];
}

/**
 * Judges the declared resources of each stack by rules that others wrote: checkov, and the built-in definitions of Azure
 * Policy. A judge that cannot run is a finding, and passes nothing.
 */
export async function judgeFromOutside(
  stacks: Map<string, DeclaredResources>,
  options: OutsideJudgesOptions,
): Promise<OutsideVerdict> {
  const { without = [], report = () => {}, waivers = reviewedWaivers, now = new Date() } = options;
  const outcomes: JudgeOutcome[] = [];
  if (!without.includes("Azure Policy"))
    outcomes.push(runAzurePolicy(stacks, now.getTime(), options.publishedIn));
  if (!without.includes("checkov")) outcomes.push(await runCheckov(stacks, report));
  const failures = findWaivers(outcomes, waivers);
  const faults = findWaiverFaults(outcomes, waivers, { now, isComplete: options.isComplete });
  return {
    outcomes,
    findings: [
      ...failures.map(failureFinding),
      ...faults.map(faultFinding),
      ...outcomes.flatMap(({ judge, couldNotRun }) =>
        couldNotRun === undefined ? [] : [notRunFinding(judge, couldNotRun)],
      ),
    ],
    scores: outcomes.map((outcome) => scoreOf(outcome, failures)),
  };
}

/** Counts checks of one rule on one resource of one stack. */
function scoreOf(
  { judge, version, couldNotRun, results }: JudgeOutcome,
  failures: JudgedFailure[],
): JudgeScore {
  const all = [...results.values()].flat();
  const own = failures.filter(({ result }) => result.judge === judge);
  return {
    name: couldNotRun === undefined ? judge : `${judge} (could not run)`,
    version,
    rules: new Set(all.map(({ rule }) => rule)).size,
    passed: all.filter(({ isPassed }) => isPassed).length,
    failed: own.filter(({ waiver }) => !waiver).length,
    waived: own.filter(({ waiver }) => waiver).length,
  };
}

function failureFinding({ stack, result, waiver }: JudgedFailure): Finding {
  return createFinding({
    ...ruleOf(result),
    severity: result.severity,
    level: waiver ? "waived" : "failure",
    environment: stack,
    resource: { name: result.resource.logicalName, urn: result.resource.urn, type: result.resource.token },
    problem: `It does not meet what ${result.judge} demands: ${result.demands}`,
    reason: `${result.judge} is a set of rules that others wrote. Tenants and auditors check the same.`,
    remedy: "Change the resource, or add a waiver with its reason to policies/waivers.ts.",
    waiver: waiver && { reason: waiver.reason, owner: waiver.owner, until: waiver.until },
  });
}

const ruleOf = ({ judge, rule, url }: OutsideResult) => ({ judge, rule, sources: [{ id: rule, url }] });

function faultFinding({ waiver, rule, resource, kind }: WaiverFault): Finding {
  const isExpired = kind === "expired";
  return createFinding({
    judge: "waivers",
    rule: `waiver-${kind}`,
    severity: isExpired ? "medium" : "low",
    level: "failure",
    problem: isExpired
      ? `The waiver of ${rule} for ${resource} expired on ${waiver.until}. Its owner is ${waiver.owner}.`
      : `The waiver of ${rule} for ${resource} is not used: the resource meets the rule, or does not exist.`,
    reason: isExpired
      ? "A waiver was agreed for a time. Afterwards its reason may no longer be true."
      : "An unused waiver would accept a later failure that was not reviewed.",
    remedy: isExpired
      ? "Review the waiver, and change its date or remove it in policies/waivers.ts."
      : `Remove ${resource} or ${rule} from the waiver in policies/waivers.ts.`,
    sources: [],
    location: { file: "policies/waivers.ts", line: 1 },
  });
}

function notRunFinding(judge: JudgeName, couldNotRun: string): Finding {
  return createFinding({
    judge,
    rule: "could-not-run",
    severity: "medium",
    level: "not judged",
    problem: `${judge} could not run, so it has passed nothing: ${couldNotRun}`,
    reason: "A judge that did not run says nothing about the change.",
    remedy: "Run the check where the judge can run, for example in the pipeline.",
    sources: [],
  });
}
