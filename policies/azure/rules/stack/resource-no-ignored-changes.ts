import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";

export const resourceNoIgnoredChanges: ResourceRule = {
  id: "resource-no-ignored-changes",
  severity: "high",
  description: "No resource has the option ignoreChanges.",
  reason: "Pulumi then keeps the old value in Azure, and the rules check a value that is never set.",
  remedy: "Remove ignoreChanges.",
  sources: [pulumiDocs("Resource option: ignoreChanges", "iac/concepts/resources/options/ignorechanges")],
  check: ({ options }) =>
    options.ignoreChanges.map((path) => `the option ignoreChanges has ${path}; it must be absent.`),
};
