import { allOf } from "../../engine/checks.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isEmpty, valueAt } from "../../engine/value.ts";
import { readOtherPolicy } from "./other-policies.ts";

const sections = ["inbound", "backend", "outbound", "on-error"];

const beginsWithBase: Check = (resource) => {
  const policy = readOtherPolicy(resource);
  if (!policy) return [];
  if ("error" in policy) return [`value cannot be read: ${policy.error}.`];
  if (!policy.isInheriting) return [];
  return sections
    .filter((name) => {
      const found = policy.document.children.filter((child) => child.name === name);
      return found.length !== 1 || found[0]!.children[0]?.name !== "base";
    })
    .map((name) => `the section ${name} of value must begin with <base />.`);
};

/** A reviewer does not see a policy inside an operation. */
const hasNoInlinePolicy: Check = ({ type, properties }) =>
  type === types.apiOperation && !isEmpty(valueAt(properties, "policies"))
    ? ["policies is set; the policy of an operation must be a resource of its own."]
    : [];

export const apiManagementPolicyBase: ResourceRule = {
  id: "api-management-policy-base",
  severity: "high",
  description: "Each section of a policy of an operation, a product or a workspace begins with <base />.",
  reason:
    "Without <base />, the policy replaces the API policy, which checks Flow keys and removes both keys.",
  remedy: "Let each of the four sections begin with <base />.",
  sources: [
    psRule("AZR-000371", "Azure.APIM.PolicyBase"),
    azurePolicy("d5448c98-e503-4fdd-bcd2-784960c00d04"),
  ],
  check: allOf(hasNoInlinePolicy, beginsWithBase),
};
