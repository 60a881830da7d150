import { z } from "zod";
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
  condition: text.optional(),
  endpointNames: z.array(text).max(1),
  isEnabled: flag,
  source: z.enum([
    "Invalid",
    "DeviceMessages",
    "TwinChangeEvents",
    "DeviceLifecycleEvents",
    "DeviceJobLifecycleEvents",
    "DeviceConnectionStateEvents",
  ]),
};

/** The SDK's AccessRights: one or more of these, in this order. */
const rights: string[] = [];
for (const right of ["RegistryRead", "RegistryWrite", "ServiceConnect", "DeviceConnect"]) {
  rights.push(...rights.map((set) => `${set}, ${right}`), right);
}

const deliveryCount = whole.min(1).max(100);

const ipRule = z.strictObject({ action: z.literal("Allow").optional(), filterName: text, ipMask: text });

const properties = optional({
  allowedFqdnList: z.array(text),
  authorizationPolicies: z.array(z.strictObject({ keyName: text.min(1), rights: z.enum(rights) })),
  cloudToDevice: optional({
    defaultTtlAsIso8601: duration,
    feedback: optional({
      lockDurationAsIso8601: duration,
      maxDeliveryCount: deliveryCount,
      ttlAsIso8601: duration,
    }),
    maxDeliveryCount: deliveryCount,
  }),
  comments: text,
  disableDeviceSAS: flag,
  disableLocalAuth: flag,
  disableModuleSAS: flag,
  enableDataResidency: flag,
  enableFileUploadNotifications: flag,
  eventHubEndpoints: z.record(
    z.literal("events"),
    optional({ partitionCount: whole.min(2).max(32), retentionTimeInDays: whole.min(1).max(7) }),
  ),
  features: z.enum(["None", "DeviceManagement"]),
  messagingEndpoints: z.record(
    z.literal("fileNotifications"),
    optional({
      lockDurationAsIso8601: duration,
      maxDeliveryCount: deliveryCount,
      ttlAsIso8601: duration,
    }),
  ),
  minTlsVersion: text,
  networkRuleSets: z.strictObject({
    applyToBuiltInEventHubEndpoint: flag,
    defaultAction: z.enum(["Allow", "Deny"]).optional(),
    ipRules: z.array(ipRule),
  }),
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]),
  restrictOutboundNetworkAccess: flag,
  routing: optional({
    enrichments: z.array(z.strictObject({ endpointNames: z.array(text), key: text, value: text })).max(10),
    fallbackRoute: z.strictObject({ ...route, name: text.optional() }),
    routes: z.array(z.strictObject({ ...route, name: text.regex(/^[A-Za-z0-9-._]{1,64}$/) })).max(100),
  }),
});

/** The inputs of azure-native's IotHubResource, without routes to other services, which the sandbox has not. */
export const iotHubInputs = z.strictObject({
  location,
  sku: z.strictObject({
    name: z.enum(["F1", "B1", "B2", "B3", "S1", "S2", "S3"]),
    capacity: whole.min(1).optional(),
  }),
  properties: properties.optional(),
  tags: tags.optional(),
  identity: identity.optional(),
});
