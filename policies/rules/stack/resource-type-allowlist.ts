import { allowedTypes } from "../../allowlists/resource-types.ts";
import type { ResourceRule } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { isProgramType } from "../../azure/engine/type-tokens.ts";
import { isRefusedElsewhere } from "../../azure/rules/stack/refused-types.ts";

export const resourceTypeAllowlist: ResourceRule = {
  id: "resource-type-allowlist",
  severity: "high",
  description: "The program declares only types that are in policies/allowlists/resource-types.ts.",
  reason:
    "The other rules do not check the region, access, secrets and encryption of a type that they do not know.",
  remedy:
    "Add the type to policies/allowlists/resource-types.ts with its regions, and add the rules that it needs.",
  sources: [pulumiDocs("Policy as code", "insights/policy")],
  check: ({ type }) =>
    allowedTypes[type] || isProgramType(type) || isRefusedElsewhere(type)
      ? []
      : [`its type ${type} is not in the allowlist policies/allowlists/resource-types.ts.`],
};
