import { allOf, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, texts } from "../../engine/settings.ts";
import { azurePolicy, psRule } from "../../engine/sources.ts";
import { isAzureType, types } from "../../engine/type-tokens.ts";
import { isEmpty, valueAt } from "../../engine/value.ts";
import { requireRegion } from "./region.ts";

/** Types that store no data of their own. Azure has the location "global" for them, which is no region. */
const globalTypes: string[] = [types.metricAlert, types.actionGroup];

const settings = {
  regions: texts(
    "The regions in which resources may be, as Azure returns them: without blanks, in lower case.",
    ["westeurope", "norwayeast"],
  ),
  regionsByType: {
    type: "object" as const,
    additionalProperties: { type: "array" as const, items: { type: "string" as const } },
    description:
      "Types of resources that must have a location, with its possible values; by type token without the API version.",
    default: {} as Record<string, string[]>,
  },
};

/** A type without regions of its own may have no location; if it has one, it is one of the regions. */
const isInAllowedRegion = bySettings(settings, ({ regions, regionsByType }) => ({ type, ...resource }) => {
  const ownRegions = regionsByType[type];
  if (!ownRegions && (!isAzureType(type) || valueAt(resource.properties, "location") === undefined))
    return [];
  const allowed = ownRegions ?? (globalTypes.includes(type) ? ["global", ...regions] : regions);
  return requireRegion(allowed)({ type, ...resource });
});

export const resourceRegion: ResourceRule = {
  id: "resource-region",
  severity: "high",
  description: "Every resource is in a region of the setting regions, or of regionsByType for its type.",
  reason: "A resource in another region takes data out of the countries that were promised.",
  remedy: "Set location to the allowed region, and remove additionalLocations.",
  sources: [
    psRule("AZR-000167", "Azure.Resource.AllowedRegions"),
    azurePolicy("e56962a6-4747-49cd-b67b-bf8b01975c4c"),
  ],
  settings,
  check: allOf(isInAllowedRegion, requireProperty("additionalLocations", "absent or empty", isEmpty)),
};
