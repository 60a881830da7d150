import { z } from "zod";
import { ArmError } from "./arm-error.ts";
import { allRegions } from "./regions.ts";
import type { ResourceType } from "./resource-type.ts";
import { location, tags } from "./shared-inputs.ts";

/** Microsoft.Resources/resourceGroups. */
export const resourceGroup: ResourceType = {
  type: "Microsoft.Resources/resourceGroups",
  token: "azure-native:resources:ResourceGroup",
  apiVersion: "2024-03-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
  autoName: "random",
  inputs: z.strictObject({ location, tags: tags.optional() }),
  topLevel: ["location", "tags"],
  replaceOn: ["location"],
  computed: ["properties"],
  regions: allRegions,

  check({ resource }) {
    // Azure documentation, "Naming rules and restrictions for Azure resources".
    if (!/^[-\w.()]{0,89}[-\w()]$/.test(resource.name)) {
      throw new ArmError(
        400,
        "InvalidResourceGroup",
        `The provided resource group name '${resource.name}' has these invalid characters or length: it can have ` +
          "up to 90 letters, digits, underscores, parentheses, hyphens and periods, and must not end with a period.",
      );
    }
  },

  complete({ resource }) {
    resource.properties = { provisioningState: "Succeeded" };
  },
};
