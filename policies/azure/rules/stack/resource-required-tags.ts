import type { Check, ResourceRule } from "../../engine/rule.ts";
import { bySettings, texts } from "../../engine/settings.ts";
import { psRule } from "../../engine/sources.ts";
import { isAzureType, types } from "../../engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../engine/value.ts";

const commonTags = ["owner", "costCentre", "environment", "application"];

/** Types of Azure's resources that take tags. */
const typesWithTags = [
  types.resourceGroup,
  types.iotHub,
  types.storageAccount,
  types.apiManagement,
  types.workspace,
  types.insightsComponent,
  types.availabilityTest,
  types.metricAlert,
  types.logAlert,
  types.actionGroup,
];

const settings = { tags: texts("The names of the tags that a resource must have.", commonTags) };

/** Checks resources of types that take tags, and resources of any other type that have a tag. */
const hasRequiredTags = bySettings(
  settings,
  ({ tags: required }): Check =>
    ({ type, properties }) => {
      const tags = valueAt(properties, "tags");
      if (tags === unknownValue || !isAzureType(type)) return [];
      if (tags === undefined && !typesWithTags.some((each) => each === type)) return [];
      return required
        .filter((name) => valueAt(tags, name) === undefined || valueAt(tags, name) === "")
        .map((name) => `tags.${name} is not set.`);
    },
);

export const resourceRequiredTags: ResourceRule = {
  id: "resource-required-tags",
  severity: "low",
  description: `A resource has the tags ${commonTags.join(", ")}.`,
  reason: "The tags show in Azure who is responsible for a resource and who pays for it.",
  remedy: "Set the tags of the resource, or the defaultTags of its provider.",
  sources: [
    psRule("AZR-000477", "Azure.Resource.RequiredTags"),
    psRule("AZR-000166", "Azure.Resource.UseTags"),
  ],
  settings,
  check: hasRequiredTags,
};
