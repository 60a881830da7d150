import type { Deployment } from "../deployment/deploy.ts";
import type { PolicyViolation } from "../deployment/engine-events.ts";
import { stackType, toJudgedResource } from "../deployment/stack-state.ts";
import { createFinding, type Finding, type Level, type Severity } from "../report/finding.ts";
import type { PackDescription, PackRule } from "./pack-rules.ts";

/** What the pack wrote about one of its violations: see policies/azure/engine/record-violation.ts. */
interface RecordedViolation {
  rule: string;
  urn?: string;
  problem: string;
  found?: string;
  wanted?: string;
  reason: string;
  remedy: string;
  sources: { id: string; url: string }[];
  /** The waiver that accepts it: the engine did not receive it. */
  waiver?: Finding["waiver"];
}

/**
 * The violations that the engine reports, as findings. The engine's events decide what is violated. What the pack
 * wrote beside them adds the values, the reason and all sources.
 */
export function packFindings(
  { events, packFindings }: Deployment,
  { rules }: PackDescription,
  environment: string,
): Finding[] {
  const all = packFindings as RecordedViolation[];
  const recorded = all.filter(({ waiver }) => !waiver);
  // The SDK reports a violation of a stack rule for the stack's resource, or for none.
  const findings = events.violations.map((violation) => {
    const index = recorded.findIndex((each) => isSame(each, violation));
    const [own] = index < 0 ? [] : recorded.splice(index, 1);
    const rule = rules.find(({ name }) => name === violation.policyName);
    return toFinding(violation, own, rule, environment);
  });
  const waived = all
    .filter(({ waiver }) => waiver)
    .map((each) =>
      waivedFinding(
        each,
        rules.find(({ name }) => name === each.rule),
        environment,
      ),
    );
  // An update evaluates a resource again when it replaces it.
  return [
    ...new Map(
      [...findings, ...waived].map((finding) => [finding.fingerprint + finding.problem, finding]),
    ).values(),
  ];
}

function waivedFinding(
  recorded: RecordedViolation,
  rule: PackRule | undefined,
  environment: string,
): Finding {
  const { urn, ...fields } = recorded;
  return createFinding({
    ...fields,
    judge: "policy pack",
    severity: rule?.severity ?? "high",
    level: "waived",
    environment,
    resource: urn === undefined ? undefined : toJudgedResource(urn),
  });
}

const isSame = (recorded: RecordedViolation, { policyName, message }: PolicyViolation): boolean =>
  recorded.rule === policyName && message.includes(recorded.problem);

/** The rule that names what a preview does not know. */
const unknownValuesRule = "stack-preview-unknown-values";

function levelOf({ policyName }: PolicyViolation, rule: PackRule | undefined): Level {
  if (rule?.level !== "advisory") return "failure";
  return policyName === unknownValuesRule ? "not judged" : "advisory";
}

function toFinding(
  violation: PolicyViolation,
  recorded: RecordedViolation | undefined,
  rule: PackRule | undefined,
  environment: string,
): Finding {
  const urn = recorded ? recorded.urn : violation.resourceUrn;
  const isOfStack = urn === undefined || toJudgedResource(urn).type === stackType;
  return createFinding({
    judge: "policy pack",
    rule: violation.policyName,
    severity: rule?.severity ?? (violation.severity as Severity | undefined) ?? "high",
    level: levelOf(violation, rule),
    environment,
    resource: isOfStack ? undefined : toJudgedResource(urn),
    problem: recorded?.problem ?? violation.message,
    found: recorded?.found,
    wanted: recorded?.wanted,
    reason: recorded?.reason ?? rule?.description ?? "A rule of the policy pack.",
    remedy: recorded?.remedy ?? rule?.remedy ?? "See the rule.",
    sources: recorded?.sources ?? (rule?.url ? [{ id: rule.name, url: rule.url }] : []),
  });
}
