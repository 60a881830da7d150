import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BaseProgram } from "./base/base-program.ts";
import { type Acceptance, applyAcceptances } from "./comparison/acceptances.ts";
import { compareDeployments } from "./comparison/compare.ts";
import { type Deployment, deploy, unprotect, type Workplace } from "./deployment/deploy.ts";
import { managedResources, type StackState, sourceLinesOf } from "./deployment/stack-state.ts";
import { packFindings } from "./pack/pack-findings.ts";
import { checkThatPackRan, failIntegrity } from "./pack/pack-integrity.ts";
import type { PackDescription } from "./pack/pack-rules.ts";
import { createFinding, type Finding } from "./report/finding.ts";
import type { EnvironmentReport } from "./report/report.ts";
import { compareWithSnapshot, takeSnapshot, writeSnapshot } from "./snapshot.ts";
import { estimateCost } from "./tables/cost.ts";
import { describeResidency } from "./tables/residency.ts";

/** What is judged, for all environments. */
export interface JudgedChange {
  /** Folder of the changed program. */
  root: string;
  base: BaseProgram | undefined;
  pack: PackDescription;
  acceptances: { now: Acceptance[]; before: Acceptance[] };
  updatesSnapshot: boolean;
}

/** The result for one environment. */
export interface EnvironmentVerdict {
  environment: EnvironmentReport;
  findings: Finding[];
  state: StackState;
}

/**
 * Judges one environment: deploys the base's program into the sandbox, then the change over it, as Azure would see it.
 * @throws Error when Pulumi cannot run, or the signal of the workplace aborts.
 */
export async function judgeEnvironment(
  workplace: Workplace,
  change: JudgedChange,
  stack: string,
): Promise<EnvironmentVerdict> {
  const { root, pack } = change;
  const roots = [root, ...(change.base ? [change.base.root] : [])];
  const before = await deployBase(workplace, change, stack);
  workplace.signal.throwIfAborted();
  const { packArguments, isPackPassed } = await packArgumentsOf(workplace.dir, root);
  const after = await deploy(workplace, { root, stack, packArguments, name: "change" });
  workplace.signal.throwIfAborted();
  if (!after.isDeployed && after.events.steps.length > 0) {
    // An update that fails does not reach the rules about the stack. A preview does.
    const preview = { root, stack, packArguments, name: "preview", isPreview: true };
    addViolations(after, await deploy(workplace, preview));
    workplace.signal.throwIfAborted();
  }
  const changes = before?.isDeployed
    ? compareDeployments({ before: before.state, after: after.state, steps: after.events.steps, roots })
    : undefined;
  const findings = [
    ...(before && !before.isDeployed ? [baseNotDeployed(stack, before)] : []),
    ...(after.isDeployed ? [] : [notDeployed(stack, after)]),
    ...(isPackPassed ? [] : [packNotPassed(stack)]),
    ...checkThatPackRan(after, pack, stack),
    ...packFindings(after, pack, stack),
    ...applyAcceptances(
      stack,
      changes ?? [],
      before?.isDeployed ? change.acceptances : { now: [], before: [] },
    ),
    ...(after.isDeployed ? judgeSnapshot(change, stack, after.state) : []),
  ].map((finding) => addLines(finding, after.state, roots));
  const isRefused = findings.some(({ level }) => level === "failure");
  return {
    environment: {
      name: stack,
      result: after.isDeployed ? (isRefused ? "refused" : "passed") : "not deployed",
      resources: managedResources(after.state).length,
      changes,
      residency: describeResidency(after.state, before?.state),
      cost: after.isDeployed ? estimateCost(after.state, before?.state) : undefined,
    },
    findings,
    state: after.state,
  };
}

async function deployBase(
  workplace: Workplace,
  { base }: JudgedChange,
  stack: string,
): Promise<Deployment | undefined> {
  // A stack that the base does not have is new, and has nothing to lose.
  if (!base || !existsSync(join(base.root, `Pulumi.${stack}.yaml`))) return undefined;
  const deployment = await deploy(workplace, { root: base.root, stack, packArguments: [], name: "base" });
  const isProtected = (deployment.state.deployment.resources ?? []).some(({ protect }) => protect);
  if (deployment.isDeployed && isProtected) await unprotect(workplace, base.root, stack);
  return deployment;
}

/**
 * The arguments with which a deployment loads the pack, as `npm run pulumi -- up` does. All rules only advise here, so
 * that one deployment reports every violation: the judge decides by the level that each rule has in the pack.
 */
async function packArgumentsOf(
  dir: string,
  root: string,
): Promise<{ packArguments: string[]; isPackPassed: boolean }> {
  const folder = join(root, "policies");
  const config = join(dir, "pack-config.json");
  writeFileSync(config, '{ "all": "advisory" }');
  // The file of the judged program, which its commands use.
  const file = pathToFileURL(join(root, "tools", "pulumi-cli", "policy-pack.ts"));
  const { withPolicyPack } = (await import(
    file.href
  )) as typeof import("@terminal-fleet/pulumi-cli/policy-pack");
  const isPackPassed = ["up", "preview"].every(
    (name) => withPolicyPack([name], folder).join(" ") === `${name} --policy-pack ${folder}`,
  );
  return { packArguments: ["--policy-pack", folder, "--policy-pack-config", config], isPackPassed };
}

function addViolations({ events, packFindings }: Deployment, preview: Deployment): void {
  const key = ({ policyName, resourceUrn, message }: (typeof events.violations)[number]) =>
    [policyName, resourceUrn, message].join("\0");
  const known = new Set(events.violations.map(key));
  events.violations.push(...preview.events.violations.filter((violation) => !known.has(key(violation))));
  packFindings.push(...preview.packFindings);
}

function judgeSnapshot({ root, updatesSnapshot }: JudgedChange, stack: string, state: StackState): Finding[] {
  const snapshot = takeSnapshot(state);
  if (!updatesSnapshot) return compareWithSnapshot(root, stack, snapshot);
  writeSnapshot(root, stack, snapshot);
  return [];
}

/** Adds the lines that declared the resource of a finding, unless it has a place of its own. */
function addLines(finding: Finding, { deployment }: StackState, roots: string[]): Finding {
  if (!finding.resource || finding.location) return finding;
  const resource = deployment.resources?.find(({ urn }) => urn === finding.resource?.urn);
  const [location, ...calledFrom] = sourceLinesOf(resource, roots);
  return location ? { ...finding, location, calledFrom } : finding;
}

const errorsOf = ({ events, output }: Deployment): string =>
  events.errors.length > 0 ? events.errors.join(" ") : output.trim();

const packNotPassed = (environment: string): Finding =>
  failIntegrity({
    rule: "pack-is-passed",
    environment,
    problem:
      "withPolicyPack does not add the policy pack to `pulumi up`, so deployments would run without it.",
    remedy: "Let withPolicyPack add --policy-pack with the project's folder policies.",
    location: { file: "tools/pulumi-cli/policy-pack.ts", line: 1 },
  });

const notDeployed = (environment: string, deployment: Deployment): Finding =>
  createFinding({
    judge: "deployment",
    rule: "program-deploys",
    severity: "high",
    level: "failure",
    environment,
    problem: errorsOf(deployment),
    reason:
      "A program that cannot be deployed into the sandbox cannot be judged, and Azure would refuse it too.",
    remedy: "Correct what the message names.",
    sources: [{ id: "Pulumi: pulumi up", url: "https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/" }],
  });

const baseNotDeployed = (environment: string, deployment: Deployment): Finding =>
  createFinding({
    judge: "comparison",
    rule: "base-deploys",
    severity: "high",
    level: "failure",
    environment,
    problem: `The base branch's program cannot be deployed with the packages and the sandbox of this change, so the change was not compared: ${errorsOf(deployment)}`,
    reason: "A change that cannot be compared can delete or rename anything unseen.",
    remedy: "Split the change: first the packages or the sandbox, then the program.",
    sources: [{ id: "Pulumi: pulumi up", url: "https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/" }],
  });
