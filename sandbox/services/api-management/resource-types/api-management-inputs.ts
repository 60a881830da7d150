import { z } from "zod";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
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
    name: enforced(
      z.enum(["Consumption", "Developer", "Basic", "Standard", "Premium", "BasicV2", "StandardV2"]),
      "the tier decides regions, policies and the form of rate limits",
    ),
    capacity: enforced(whole.min(0), "more units than the tier has are refused"),
  }),
  publisherEmail: noEffect(email, "a text for people"),
  publisherName: noEffect(text.max(100), "a text for people"),
  tags: tags.optional(),
  identity: identity.optional(),
  ...optional({
    apiVersionConstraint: enforced(
      optional({ minApiVersion: text.regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/) }),
      "calls of Resource Manager with an older version are refused",
    ),
    configurationApi: noEffect(
      optional({ legacyApi: z.enum(["Enabled", "Disabled"]) }),
      "the sandbox does not have the direct management API",
    ),
    customProperties: enforced(
      z.record(text, text),
      "Protocols.Tls10 and Tls11 lower the gateway's TLS version; other changes are refused",
    ),
    developerPortalStatus: noEffect(z.enum(["Enabled", "Disabled"]), "the sandbox has no portals"),
    disableGateway: restricted(flag, "true is refused"),
    enableClientCertificate: restricted(flag, "true is refused"),
    legacyPortalStatus: noEffect(z.enum(["Enabled", "Disabled"]), "the sandbox has no portals"),
    natGatewayState: restricted(z.enum(["Enabled", "Disabled"]), "Enabled is refused"),
    notificationSenderEmail: noEffect(email, "the sandbox sends no mail"),
    publicNetworkAccess: restricted(
      z.enum(["Enabled", "Disabled"]),
      "Disabled is refused, as in Azure without a private endpoint",
    ),
    restore: restricted(flag, "true is refused"),
    virtualNetworkType: restricted(
      z.enum(["None", "External", "Internal"]),
      "everything but None is refused",
    ),
    zones: restricted(z.array(text), "refused outside the Premium tier, as in Azure"),
  }).shape,
});
