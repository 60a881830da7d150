import { z } from "zod";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import {
  duration,
  flag,
  identity,
  location,
  optional,
  tags,
  text,
  whole,
} from "../../../resource-manager/shared-inputs.ts";

const route = {
  condition: restricted(text, "every condition but true is refused").optional(),
  endpointNames: enforced(z.array(text).max(1), "events is the only endpoint; others are refused"),
  isEnabled: enforced(flag, "telemetry is lost when no route is enabled"),
  source: restricted(
    z.enum([
      "Invalid",
      "DeviceMessages",
      "TwinChangeEvents",
      "DeviceLifecycleEvents",
      "DeviceJobLifecycleEvents",
      "DeviceConnectionStateEvents",
    ]),
    "every source but DeviceMessages is refused",
  ),
};

/** The SDK's AccessRights: all combinations of the four rights, in this order. */
const rights: string[] = [];
for (const right of ["RegistryRead", "RegistryWrite", "ServiceConnect", "DeviceConnect"]) {
  rights.push(...rights.map((set) => `${set}, ${right}`), right);
}

const deliveryCount = whole.min(1).max(100);

const ipRule = z.strictObject({ action: z.literal("Allow").optional(), filterName: text, ipMask: text });

const properties = optional({
  allowedFqdnList: enforced(
    z.array(text),
    "with restrictOutboundNetworkAccess, jobs and telemetry reach only these hosts",
  ),
  authorizationPolicies: enforced(
    z.array(
      z.strictObject({
        keyName: text.min(1),
        rights: z.enum(rights),
        primaryKey: text.optional(),
        secondaryKey: text.optional(),
      }),
    ),
    "a policy's rights decide what its SAS may do, unless disableLocalAuth is set; a key beside an omitted one stays",
  ),
  cloudToDevice: enforced(
    optional({
      defaultTtlAsIso8601: duration,
      feedback: optional({
        lockDurationAsIso8601: duration,
        maxDeliveryCount: deliveryCount,
        ttlAsIso8601: duration,
      }),
      maxDeliveryCount: deliveryCount,
    }),
    "messages and feedback expire, are locked and are delivered again accordingly",
  ),
  comments: noEffect(text, "a text for people"),
  disableDeviceSAS: enforced(flag, "true: devices cannot sign in with their keys"),
  disableLocalAuth: enforced(flag, "true: the hub's shared access policies cannot sign in"),
  disableModuleSAS: noEffect(flag, "the sandbox has no modules"),
  enableDataResidency: enforced(flag, "true: no secondary location is returned; a change is refused"),
  enableFileUploadNotifications: restricted(flag, "true is refused: no storage endpoint can be declared"),
  eventHubEndpoints: enforced(
    z.record(
      z.literal("events"),
      optional({ partitionCount: whole.min(2).max(32), retentionTimeInDays: whole.min(1).max(7) }),
    ),
    "the built-in endpoint has these partitions, and keeps events for these days",
  ),
  features: noEffect(z.enum(["None", "DeviceManagement"]), "the tier alone decides what a hub can do"),
  messagingEndpoints: noEffect(
    z.record(
      z.literal("fileNotifications"),
      optional({
        lockDurationAsIso8601: duration,
        maxDeliveryCount: deliveryCount,
        ttlAsIso8601: duration,
      }),
    ),
    "the sandbox has no file upload, so there are no notifications of uploads",
  ),
  minTlsVersion: restricted(
    text,
    "everything but 1.2 is refused; the hub refuses older versions and weak suites in any case",
  ),
  networkRuleSets: z.strictObject({
    applyToBuiltInEventHubEndpoint: noEffect(flag, "rules do nothing with the default action Allow"),
    defaultAction: restricted(z.enum(["Allow", "Deny"]), "everything but Allow is refused").optional(),
    ipRules: noEffect(z.array(ipRule), "rules do nothing with the default action Allow"),
  }),
  publicNetworkAccess: enforced(
    z.enum(["Enabled", "Disabled"]),
    "Disabled: every caller is refused and connections are closed",
  ),
  restrictOutboundNetworkAccess: enforced(flag, "true: the hub reaches only the hosts in allowedFqdnList"),
  routing: optional({
    enrichments: restricted(
      z.array(z.strictObject({ endpointNames: z.array(text), key: text, value: text })).max(10),
      "every enrichment is refused",
    ),
    fallbackRoute: z.strictObject({ ...route, name: noEffect(text, "a name for people").optional() }),
    routes: z
      .array(
        z.strictObject({
          ...route,
          name: enforced(text.regex(/^[A-Za-z0-9-._]{1,64}$/), "the names of routes must differ"),
        }),
      )
      .max(100),
  }),
});

/** The inputs of azure-native's IotHubResource, without routes to other services, which the sandbox does not have. */
export const iotHubInputs = z.strictObject({
  location,
  sku: z.strictObject({
    name: enforced(
      z.enum(["F1", "B1", "B2", "B3", "S1", "S2", "S3"]),
      "the tier decides throttles and quota",
    ),
    capacity: enforced(whole.min(1), "throttles and quota grow with the units").optional(),
  }),
  properties: properties.optional(),
  tags: tags.optional(),
  identity: identity.optional(),
});
