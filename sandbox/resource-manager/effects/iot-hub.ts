import { actedOnIn, type Effects, identity, inert, location, tags } from "./effect.ts";

const declared = "services/iot-hub/hub.ts";
const checks = "services/iot-hub/resource-types/iot-hub-checks.ts";

export const iotHubEffects: Record<string, Effects> = {
  "azure-native:iothub:IotHubResource": {
    ...location,
    ...tags,
    ...identity,
    ...actedOnIn(
      declared,
      "sku.name",
      "sku.capacity",
      "properties.allowedFqdnList",
      "properties.authorizationPolicies.keyName",
      "properties.authorizationPolicies.rights",
      "properties.cloudToDevice.defaultTtlAsIso8601",
      "properties.cloudToDevice.maxDeliveryCount",
      "properties.cloudToDevice.feedback.lockDurationAsIso8601",
      "properties.cloudToDevice.feedback.maxDeliveryCount",
      "properties.cloudToDevice.feedback.ttlAsIso8601",
      "properties.disableDeviceSAS",
      "properties.disableLocalAuth",
      "properties.publicNetworkAccess",
      "properties.restrictOutboundNetworkAccess",
      "properties.routing.routes.isEnabled",
      "properties.routing.fallbackRoute.isEnabled",
    ),
    ...actedOnIn(
      checks,
      "properties.enableFileUploadNotifications",
      "properties.networkRuleSets.defaultAction",
      "properties.routing.routes.condition",
      "properties.routing.routes.endpointNames",
      "properties.routing.routes.name",
      "properties.routing.routes.source",
      "properties.routing.fallbackRoute.condition",
      "properties.routing.fallbackRoute.endpointNames",
      "properties.routing.fallbackRoute.name",
      "properties.routing.fallbackRoute.source",
    ),
    ...inert("any enrichment is refused", "properties.routing.enrichments"),
    ...actedOnIn("resource-manager/types/iot-hub.ts", "properties.enableDataResidency"),
    ...inert("a note for people", "properties.comments"),
    ...inert("there are no modules here", "properties.disableModuleSAS"),
    ...inert("the tier alone decides what a hub can do", "properties.features"),
    ...inert(
      "how telemetry is kept for readers of the Event Hubs endpoint, which is not there",
      "properties.eventHubEndpoints",
    ),
    ...inert("no file is ever uploaded, so none is told of", "properties.messagingEndpoints"),
    ...inert("the proxy takes nothing older than TLS 1.2 for any hub", "properties.minTlsVersion"),
    ...inert(
      "with the default action Allow, the only one that is taken, Azure's rules do nothing either",
      "properties.networkRuleSets.applyToBuiltInEventHubEndpoint",
      "properties.networkRuleSets.ipRules",
    ),
  },
};
