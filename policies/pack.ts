import policy from "@pulumi/policy";
import { allowedTypes } from "./allowlists/resource-types.ts";
import { toPolicies } from "./azure/engine/to-policies.ts";
import { rules } from "./rules.ts";
import { waivers } from "./waivers.ts";

new policy.PolicyPack("terminal-fleet", {
  description: "What every resource of the terminal fleet must be, before it is deployed.",
  enforcementLevel: "mandatory",
  policies: toPolicies(rules, (type) => allowedTypes[type] !== undefined, waivers),
});
