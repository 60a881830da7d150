import { lossWith, protectedStacks } from "../../allowlists/protected-types.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";

const isProtected: Check = (resource) => {
  const loss = lossWith(resource);
  if (!loss || resource.options.protect || !protectedStacks.includes(stackOf(resource.urn))) return [];
  return [`the option protect is off; deleting or replacing it loses ${loss}.`];
};

export const resourceProtected: ResourceRule = {
  id: "resource-protected",
  severity: "critical",
  description: "What cannot be made again is protected in prod.",
  reason: "Pulumi deletes and replaces an unprotected resource when a name or a setting changes.",
  remedy:
    "Set the option protect, and terminal-fleet:protect in the stack's settings. To delete it on purpose, run `npm run pulumi -- state unprotect`.",
  sources: [pulumiDocs("Resource option: protect", "iac/concepts/resources/options/protect")],
  check: isProtected,
};
