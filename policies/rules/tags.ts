import { knownTypes } from "../allowlists/resource-types.ts";
import type { Check, ResourceRule } from "../engine/rule.ts";
import { isAzure } from "../engine/type-tokens.ts";
import { at, unknown } from "../engine/value.ts";

const required = ["owner", "costCentre", "environment", "application"];

/** Types that take tags must have them; whatever has tags must have these. */
const missing: Check = ({ type, properties }) => {
  const tags = at(properties, "tags");
  if (tags === unknown || !isAzure(type) || (tags === undefined && !knownTypes[type]?.tagged)) return [];
  return required
    .filter((name) => at(tags, name) === undefined || at(tags, name) === "")
    .map((name) => `the tag ${name} is missing.`);
};

/** Every resource says whose it is. */
export const tagRules: ResourceRule[] = [
  {
    name: "required-tags",
    reason: "Who answers for a resource and who pays for it must be readable on it.",
    remedy: `Tag it with ${required.join(", ")}; the settings' tags and index.ts give them.`,
    sources: ["AZR-000166", "AZR-000477"],
    check: missing,
  },
];
