import { ArmError } from "./arm-error.ts";
import { normalizeLocation, region } from "./regions.ts";
import type { Draft, ResourceType } from "./resource-type.ts";

/** Checks the location of a resource, and replaces it by the region's short name. @throws ArmError */
export function checkLocation({ resource, previous }: Draft, type: ResourceType): void {
  if (!type.regions) return;
  if (!resource.location) {
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  }
  const location = normalizeLocation(resource.location);
  if (!type.regions.includes(location)) {
    const exists = region(location) || location === "global";
    throw new ArmError(
      400,
      exists ? "LocationNotAvailableForResourceType" : "InvalidLocation",
      `The provided location '${resource.location}' is not available for resource type '${type.type}'. List of ` +
        `available regions for the resource type is '${type.regions.join(",")}'.`,
    );
  }
  if (previous?.location && previous.location !== location) {
    // Azure/azure-cli#22242.
    if (type.type === "Microsoft.Resources/resourceGroups") {
      throw new ArmError(
        409,
        "InvalidResourceGroupLocation",
        `Invalid resource group location '${location}'. The Resource group already exists in location '${previous.location}'.`,
      );
    }
    throw new ArmError(
      409,
      "InvalidResourceLocation",
      `The resource '${resource.name}' already exists in location '${previous.location}'. A resource with the ` +
        `same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  resource.location = location;
}

/** Source of both limits: Azure documentation, "Use tags to organize your Azure resources". @throws ArmError */
export function checkTags({ resource }: Draft): void {
  const names = Object.keys(resource.tags ?? {});
  if (names.length > 50) {
    throw new ArmError(
      400,
      "TagsExceedLimit",
      `The resource has ${names.length} tags; at most 50 are allowed.`,
    );
  }
  // Tags that link resources for Azure's own portal hold resource IDs (azure-monitor/app/availability-standard-tests).
  const invalidName = names.find((name) => !name.startsWith("hidden-link:") && /[<>%&\\?/]/.test(name));
  if (invalidName !== undefined) {
    throw new ArmError(
      400,
      "InvalidTagNameCharacters",
      `The tag name '${invalidName}' has reserved characters: <, >, %, &, \\, ? or /.`,
    );
  }
}
