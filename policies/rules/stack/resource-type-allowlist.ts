import { isRefusedElsewhere } from "../../allowlists/refused-types.ts";
import { allowedTypes } from "../../allowlists/resource-types.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";
import { isProgramType } from "../../engine/type-tokens.ts";

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
