import { allOf, requireValue } from "../../azure/engine/checks.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { azurePolicy, microsoftLearn, psRule } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../azure/engine/value.ts";
import { compareFlowPolicy } from "./flow-policy-comparison.ts";

const matchesAllowlist: Check = ({ properties }) => {
  const value = valueAt(properties, "value");
  const { difference } = value === unknownValue ? {} : compareFlowPolicy(value);
  return difference ? [`value differs from policies/allowlists/flow-policy.xml: ${difference}`] : [];
};

export const apiManagementApiPolicyAllowlist: ResourceRule = {
  id: "api-management-api-policy-allowlist",
  severity: "critical",
  description: "An API policy is the one in policies/allowlists/flow-policy.xml, element by element.",
  reason:
    "The policy refuses a revoked terminal on its next call, and removes both keys before the Flow API.",
  remedy:
    "Use the policy of components/flow-policy.ts; to change it, change policies/allowlists/flow-policy.xml too.",
  sources: [
    microsoftLearn("Policies in API Management", "azure/api-management/api-management-howto-policies"),
    psRule("AZR-000371", "Azure.APIM.PolicyBase"),
    psRule("AZR-000365", "Azure.APIM.CORSPolicy"),
    azurePolicy("d5448c98-e503-4fdd-bcd2-784960c00d04"),
  ],
  check: {
    // The comparison reads the format "xml" only. Azure reads other formats differently, or downloads the policy.
    [types.apiPolicy]: allOf(requireValue("format", "xml"), matchesAllowlist),
  },
};
