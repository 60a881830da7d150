import policy from "@pulumi/policy";
import { toPolicies } from "./engine/rule.ts";
import { rules } from "./rules.ts";

new policy.PolicyPack("terminal-fleet", {
  description: "What every resource of the terminal fleet must be, before it is deployed.",
  enforcementLevel: "mandatory",
  policies: toPolicies(rules),
});
