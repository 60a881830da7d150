import { allOf, refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";
import { indirectDeployments } from "./refused-types.ts";

export const stackNoIndirectDeployment: ResourceRule = {
  id: "stack-no-indirect-deployment",
  severity: "high",
  description: "The program declares no template, script, generic resource, dynamic resource or command.",
  reason: "No rule checks what these deploy.",
  remedy: "Declare the resources themselves.",
  sources: [pulumiDocs("Policy as code", "insights/policy")],
  check: allOf(...indirectDeployments.map(([pattern, why]) => refuseType(pattern, why))),
};
