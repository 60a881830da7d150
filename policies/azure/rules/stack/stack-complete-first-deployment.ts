import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";

export const stackCompleteFirstDeployment: ResourceRule = {
  id: "stack-complete-first-deployment",
  severity: "medium",
  description: "--target excludes only resources that are already deployed.",
  reason: "Pulumi sends no property of an excluded new resource, so the rules cannot check the stack.",
  remedy: "Deploy the whole stack once without --target.",
  sources: [pulumiDocs("pulumi up", "iac/cli/commands/pulumi_up")],
  checksExcluded: true,
  check: () => ["--target excludes it, and it is not deployed yet."],
};
