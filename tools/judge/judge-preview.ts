import { applyAcceptances, readAcceptances } from "./comparison/acceptances.ts";
import { compareDeployments } from "./comparison/compare.ts";
import type { EngineEvents } from "./deployment/engine-events.ts";
import {
  managedResources,
  type StackState,
  type StateResource,
  stackType,
  typeOfUrn,
} from "./deployment/stack-state.ts";
import { packFindings } from "./pack/pack-findings.ts";
import { checkThatPackRan } from "./pack/pack-integrity.ts";
import { type PackDescription, packScore } from "./pack/pack-rules.ts";
import { createFinding, sortFindings } from "./report/finding.ts";
import type { Report } from "./report/report.ts";
import { estimateCost } from "./tables/cost.ts";
import { describeResidency } from "./tables/residency.ts";

/** A preview of a deployed stack. */
export interface JudgedPreview {
  /** Folder of the program. */
  root: string;
  /** Whether the preview ended without an error and without a violation. */
  isPreviewed: boolean;
  events: EngineEvents;
  packFindings: unknown[];
  /** The deployed stack. */
  state: StackState;
  pack: PackDescription;
}

/** Judges what the next update of a deployed stack would do: its violations, and what it replaces and deletes. */
export function judgePreview(preview: JudgedPreview): Report {
  const { root, events, state, pack } = preview;
  const after = stateAfter(events, state);
  const stack = stackNameOf(events, state);
  const deployment = { ...preview, state: after, isDeployed: preview.isPreviewed, output: "" };
  const changes = compareDeployments({ before: state, after, steps: events.steps, roots: [root] });
  const acceptances = { now: readAcceptances(root), before: [] };
  const isUnused = ({ rule }: { rule: string }) => rule === "acceptance-unused";
  const findings = sortFindings([
    ...packFindings(deployment, pack, stack),
    ...checkThatPackRan(deployment, pack, stack),
    // The update may come later than the change that an acceptance belongs to.
    ...applyAcceptances(stack, changes, acceptances).filter((finding) => !isUnused(finding)),
    ...previewErrors(preview).map((problem) =>
      createFinding({
        judge: "deployment",
        rule: "preview-succeeds",
        severity: "high",
        level: "failure",
        environment: stack,
        problem,
        reason: "An update of the stack would fail.",
        remedy: "Correct what the message names.",
        sources: [],
      }),
    ),
    createFinding({
      judge: "limits",
      rule: "preview-only",
      severity: "low",
      level: "not judged",
      environment: stack,
      problem:
        "A preview compares with Pulumi's state. It does not show what was changed by hand, and it does not know values that Azure assigns.",
      reason: "A report that names what it did not check cannot be taken for more than it is.",
      remedy: "Show drift with: npm run pulumi -- refresh --preview-only --stack STACK.",
      sources: [],
    }),
  ]);
  const isRefused = findings.some(({ level }) => level === "failure");
  return {
    version: 1,
    verdict: isRefused ? "failed" : "passed",
    base: null,
    environments: [
      {
        name: stack,
        result: isRefused ? "refused" : "passed",
        resources: managedResources(after).length,
        changes,
        residency: describeResidency(after, state),
        cost: estimateCost(after, state),
      },
    ],
    judges: [packScore(pack, findings)],
    findings,
  };
}

/** Errors of a preview. It also fails before the engine begins, and when a rule is violated. */
function previewErrors({ isPreviewed, events: { errors, violations } }: JudgedPreview): string[] {
  // The engine's own message about violations.
  const others = errors.filter((error) => error !== "preview failed");
  if (isPreviewed || others.length > 0 || violations.length > 0) return others;
  return ["The preview failed, so nothing was judged. Its message is above."];
}

/** The stack as the update would leave it, as far as the preview knows. */
function stateAfter({ steps }: EngineEvents, { deployment }: StackState): StackState {
  const known = new Map((deployment.resources ?? []).map((resource) => [resource.urn, resource]));
  const resources = steps.flatMap(({ urn, new: now }): StateResource[] => {
    if (!now) return [];
    const old = known.get(urn);
    // A preview does not know the outputs of a stack that changes.
    const outputs = now.type === stackType ? old?.outputs : now.outputs;
    return [{ ...old, ...now, urn, type: typeOfUrn(urn), outputs }];
  });
  return { deployment: { resources: [...new Map(resources.map((each) => [each.urn, each])).values()] } };
}

function stackNameOf({ steps }: EngineEvents, { deployment }: StackState): string {
  const urn = steps[0]?.urn ?? deployment.resources?.[0]?.urn ?? "";
  return urn.split("::")[0]?.split(":").at(-1) ?? "";
}
