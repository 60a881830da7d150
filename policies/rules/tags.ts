import type { Declared, ResourceRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, unknown } from "../value.ts";

const required = ["owner", "costCentre", "environment", "application"];

const tagged = [
  types.resourceGroup,
  types.hub,
  types.storageAccount,
  types.gateway,
  types.workspace,
  types.metricAlert,
  types.logAlert,
  types.actionGroup,
];

function missing({ properties }: Declared): string[] {
  const tags = at(properties, "tags");
  if (tags === unknown) return [];
  return required
    .filter((name) => at(tags, name) === undefined || at(tags, name) === "")
    .map((name) => `the tag ${name} is missing.`);
}

/** Every resource says whose it is. */
export const tagRules: ResourceRule[] = [
  {
    name: "required-tags",
    reason: "Who answers for a resource and who pays for it must be readable on it.",
    remedy: `Tag it with ${required.join(", ")}; the settings' tags and index.ts give them.`,
    sources: ["AZR-000166", "AZR-000477"],
    check: Object.fromEntries(tagged.map((type) => [type, missing])),
  },
];
