import { allowedTypes, norwayEast, westEurope } from "../../../allowlists/resource-types.ts";
import { allOf, requireProperty } from "../../engine/checks.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, psRule } from "../../engine/sources.ts";
import { isAzureType } from "../../engine/type-tokens.ts";
import { isEmpty, valueAt } from "../../engine/value.ts";
import { requireRegion } from "./region.ts";

/** A type that the allowlist gives no region may have no location; if it has one, it is a region of the fleet. */
const isInAllowedRegion: Check = (resource) => {
  const regions = allowedTypes[resource.type]?.regions;
  if (regions) return requireRegion(regions)(resource);
  const hasLocation = isAzureType(resource.type) && valueAt(resource.properties, "location") !== undefined;
  return hasLocation ? requireRegion([westEurope, norwayEast])(resource) : [];
};

export const resourceRegion: ResourceRule = {
  id: "resource-region",
  severity: "high",
  description:
    "Every resource is in West Europe, or in Norway East where policies/allowlists/resource-types.ts allows it.",
  reason:
    "Customers are promised West Europe for files, logs and the IoT Hub, and Norway East for live lookups.",
  remedy: "Set location to the allowed region, and remove additionalLocations.",
  sources: [
    psRule("AZR-000167", "Azure.Resource.AllowedRegions"),
    azurePolicy("e56962a6-4747-49cd-b67b-bf8b01975c4c"),
  ],
  check: allOf(isInAllowedRegion, requireProperty("additionalLocations", "absent or empty", isEmpty)),
};
