import { allowedTypes } from "../../../allowlists/resource-types.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { isAzureType } from "../../engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../engine/value.ts";

const requiredTags = ["owner", "costCentre", "environment", "application"];

/** Checks resources of types that take tags, and resources of any other type that have a tag. */
const hasRequiredTags: Check = ({ type, properties }) => {
  const tags = valueAt(properties, "tags");
  if (tags === unknownValue || !isAzureType(type)) return [];
  if (tags === undefined && !allowedTypes[type]?.isTagged) return [];
  return requiredTags
    .filter((name) => valueAt(tags, name) === undefined || valueAt(tags, name) === "")
    .map((name) => `tags.${name} is not set.`);
};

export const resourceRequiredTags: ResourceRule = {
  id: "resource-required-tags",
  severity: "low",
  description: `A resource has the tags ${requiredTags.join(", ")}.`,
  reason: "The tags show in Azure who is responsible for a resource and who pays for it.",
  remedy: "Pass the component the tags that index.ts builds from the stack's settings.",
  sources: [
    psRule("AZR-000477", "Azure.Resource.RequiredTags"),
    psRule("AZR-000166", "Azure.Resource.UseTags"),
  ],
  check: hasRequiredTags,
};
