import { withDescendants } from "../../engine/policy-document.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { readOtherPolicy } from "./other-policies.ts";

const hasNoWildcardOrigin: Check = (resource) => {
  const policy = readOtherPolicy(resource);
  // api-management-policy-base reports a document that cannot be read.
  if (!policy || "error" in policy) return [];
  return withDescendants(policy.document).some(({ name, text }) => name === "origin" && text === "*")
    ? ["value allows CORS for the origin *; it must list origins."]
    : [];
};

export const apiManagementPolicyCors: ResourceRule = {
  id: "api-management-policy-cors",
  severity: "high",
  description: "No policy allows CORS for every origin.",
  reason: "With the origin *, a web page that an operator opens could call the API.",
  remedy: "List the allowed origins.",
  sources: [psRule("AZR-000365", "Azure.APIM.CORSPolicy")],
  check: hasNoWildcardOrigin,
};
