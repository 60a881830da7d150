import type { Deployment } from "../deployment/deploy.ts";
import { managedResources } from "../deployment/stack-state.ts";
import { createFinding, type Finding } from "../report/finding.ts";
import type { PackDescription } from "./pack-rules.ts";

const reason =
  "A rule that does not run, or only advises, refuses nothing. The other rules cannot replace it.";
const sources = [
  {
    id: "Pulumi: policy enforcement levels",
    url: "https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/",
  },
];

/** A failure of the gate itself. */
export const failIntegrity = (
  fields: Pick<Finding, "rule" | "problem" | "remedy"> & Partial<Pick<Finding, "environment" | "location">>,
): Finding =>
  createFinding({
    judge: "integrity of the judge",
    severity: "critical",
    level: "failure",
    reason,
    sources,
    ...fields,
    location: fields.location ?? { file: "policies/rules.ts", line: 1 },
  });

const failure = (rule: string, problem: string, remedy: string, environment?: string): Finding =>
  failIntegrity({ rule, problem, remedy, environment });

/** Compares the pack's rules with those of the base branch: none may be missing, disabled or only advise. */
export function compareWithBasePack(pack: PackDescription, base: PackDescription): Finding[] {
  const find = (name: string) => pack.rules.find((rule) => rule.name === name);
  const required = base.rules.filter(({ level }) => level !== "disabled");
  const missing = required.filter(({ name }) => !find(name)).map(({ name }) => name);
  const disabled = required.filter(({ name }) => find(name)?.level === "disabled").map(({ name }) => name);
  const weakened = required
    .filter(({ name, level }) => level === "mandatory" && find(name)?.level === "advisory")
    .map(({ name }) => name);
  return [
    ...(missing.length > 0
      ? [
          failure(
            "pack-has-every-rule",
            `The policy pack has ${pack.rules.length} rules, and the base branch's has ${base.rules.length}. Missing: ${missing.join(", ")}.`,
            "Add the rules again to policies/rules.ts. To remove or rename a rule, merge a change that does only that, with the approval of the owners of policies/ (docs/pull-requests.md).",
          ),
        ]
      : []),
    ...disabled.map((name) =>
      failure("pack-rule-enabled", `The rule ${name} is disabled.`, `Enable the rule ${name} again.`),
    ),
    ...weakened.map((name) =>
      failure(
        "pack-rule-mandatory",
        `The rule ${name} was mandatory on the base branch, and only advises now.`,
        `Remove isAdvisory from the rule ${name}.`,
      ),
    ),
  ];
}

/** Checks, from the engine's events, that the pack ran and that each of its rules ran on what the program declares. */
export function checkThatPackRan(
  { events, state, isDeployed }: Deployment,
  pack: PackDescription,
  environment: string,
): Finding[] {
  const ran = new Set([...events.rulesByResource.values()].flatMap((rules) => [...rules]));
  if (pack.rules.length === 0) {
    const remedy = "Add the rules again to policies/rules.ts.";
    return [failure("pack-ran", "The policy pack has no rule, so nothing was checked.", remedy, environment)];
  }
  if (ran.size === 0 && events.stackRules === undefined) {
    if (!isDeployed && events.steps.length === 0) return [];
    const remedy = "Let withPolicyPack (tools/pulumi-cli/policy-pack.ts) add --policy-pack policies.";
    return [failure("pack-ran", "The policy pack did not run in the deployment.", remedy, environment)];
  }
  const enabled = pack.rules.filter(({ level }) => level !== "disabled");
  const idle = enabled.filter(({ name }) => !ran.has(name) && !events.stackRules?.has(name));
  const unchecked = managedResources(state).filter(({ urn }) => !events.rulesByResource.get(urn)?.size);
  const remedy = "Let the pack's rules run on each resource, as toPolicies (policies/azure/engine/) does.";
  return [
    // A deployment that ends before its end has not run the rules about the stack.
    ...(isDeployed ? idle : []).map(({ name }) =>
      failure("pack-ran", `The rule ${name} did not run in the deployment.`, remedy, environment),
    ),
    ...(isDeployed ? unchecked : []).map(({ urn }) =>
      failure("pack-ran", `No rule ran on the resource ${urn}.`, remedy, environment),
    ),
  ];
}
