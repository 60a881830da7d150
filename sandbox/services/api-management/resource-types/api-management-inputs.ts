import { z } from "zod";
import {
  flag,
  identity,
  location,
  optional,
  tags,
  text,
  whole,
} from "../../../resource-manager/shared-inputs.ts";

const email = text.max(100).regex(/^[^@\s]+@[^@\s]+$/);

/** The inputs of azure-native's ApiManagementService. Values that the sandbox cannot enforce are rejected. */
export const apiManagementInputs = z.strictObject({
  location,
  sku: z.strictObject({
    name: z.enum(["Consumption", "Developer", "Basic", "Standard", "Premium", "BasicV2", "StandardV2"]),
    capacity: whole.min(0),
  }),
  publisherEmail: email,
  publisherName: text.max(100),
  tags: tags.optional(),
  identity: identity.optional(),
  ...optional({
    apiVersionConstraint: optional({ minApiVersion: text.regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/) }),
    configurationApi: optional({ legacyApi: z.enum(["Enabled", "Disabled"]) }),
    customProperties: z.record(text, text),
    developerPortalStatus: z.enum(["Enabled", "Disabled"]),
    disableGateway: flag,
    enableClientCertificate: flag,
    legacyPortalStatus: z.enum(["Enabled", "Disabled"]),
    natGatewayState: z.enum(["Enabled", "Disabled"]),
    notificationSenderEmail: email,
    publicNetworkAccess: z.enum(["Enabled", "Disabled"]),
    restore: flag,
    virtualNetworkType: z.enum(["None", "External", "Internal"]),
    zones: z.array(text),
  }).shape,
});
