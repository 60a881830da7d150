import { pipelineSubjects, pipelines } from "../../allowlists/outsiders.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { formatValue, unknownValue, valueAt } from "../../azure/engine/value.ts";

const isListedPipeline: Check = ({ urn, properties }) => {
  const [issuer, subject] = ["issuer", "subject"].map((name) => valueAt(properties, name));
  if (issuer === unknownValue || subject === unknownValue) return [];
  if (!pipelines.some((pipeline) => pipeline.issuer === issuer)) {
    return [
      `issuer is ${formatValue(issuer)}; it must be ${pipelines.map((pipeline) => pipeline.issuer).join(" or ")} (policies/allowlists/outsiders.ts).`,
    ];
  }
  // A pull request, a branch, a tag and a wildcard are other texts than those of the list.
  const allowed = pipelineSubjects(issuer, stackOf(urn));
  return allowed.some((each) => each === subject)
    ? []
    : [
        `subject is ${formatValue(subject)}; it must be ${allowed.join(" or ")} (policies/allowlists/outsiders.ts).`,
      ];
};

export const federatedCredentialListedPipeline: ResourceRule = {
  id: "federated-credential-listed-pipeline",
  severity: "critical",
  description:
    "A federated credential trusts the environment of the stack in a repository of policies/allowlists/outsiders.ts: no other repository, branch, pull request or wildcard.",
  reason: "The token of a trusted pipeline gives the roles of the operators.",
  remedy:
    "Set the subject of a listed pipeline in ciFederations, or change policies/allowlists/outsiders.ts.",
  sources: [
    microsoftLearn(
      "Workload identity federation: considerations",
      "entra/workload-id/workload-identity-federation-considerations",
    ),
  ],
  check: { [types.federatedCredential]: isListedPipeline },
};
