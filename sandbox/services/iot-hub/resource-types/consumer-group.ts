import { z } from "zod";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { enforced } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { text } from "../../../resource-manager/shared-inputs.ts";

export const consumerGroupType = "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups";

/** The consumer group that every event hub has. */
export const defaultGroup = "$Default";

/** Source: "Read device-to-cloud messages from the built-in endpoint". The default group counts: inferred. */
const maxGroups = 20;

/** Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups. Receivers of the built-in endpoint name a group. */
export const consumerGroup: ResourceType = {
  type: consumerGroupType,
  token: "azure-native:iothub:IotHubResourceEventHubConsumerGroup",
  apiVersion: "2023-06-30",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Devices/IotHubs/{resourceName}/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}",
  autoName: "random",
  inputs: z.strictObject({
    properties: z.strictObject({ name: enforced(text, "must be the name in the ID") }),
  }),
  topLevel: ["properties"],
  computed: ["etag", "properties.created"],

  check({ resource, names, previous }, azure) {
    if (names.eventHubEndpointName?.toLowerCase() !== "events") {
      throw new ArmError(
        404,
        "NotFound",
        `The hub has no endpoint '${names.eventHubEndpointName}', only 'events'.`,
      );
    }
    // "Naming rules and restrictions for Azure resources", IotHubs / eventHubEndpoints / ConsumerGroups.
    if (!/^[A-Za-z0-9._-]{1,50}$/.test(resource.name)) {
      throw new ArmError(
        400,
        "BadRequest",
        `The consumer group '${resource.name}' must have 1 to 50 letters, digits, hyphens, periods and underscores.`,
      );
    }
    if (resource.properties.name !== undefined && resource.properties.name !== resource.name) {
      throw new ArmError(
        400,
        "BadRequest",
        `properties.name must be '${resource.name}', the name in the path.`,
      );
    }
    const hub = resource.id.slice(0, resource.id.toLowerCase().lastIndexOf("/eventhubendpoints/"));
    const others = azure.resources.below(hub).filter(({ type }) => type === consumerGroupType);
    if (!previous && others.length >= maxGroups) {
      throw new ArmError(
        403,
        "QuotaExceeded",
        `The endpoint of a hub can have at most ${maxGroups} consumer groups.`,
      );
    }
  },

  complete({ resource, previous }, azure) {
    const created = previous?.properties.created ?? new Date(azure.clock.now()).toUTCString();
    resource.properties = { ...resource.properties, created };
  },

  checkDelete({ name }) {
    if (name !== defaultGroup) return;
    throw new ArmError(400, "BadRequest", `The consumer group '${defaultGroup}' cannot be deleted.`);
  },
};
