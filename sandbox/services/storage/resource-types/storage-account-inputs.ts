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

const keyType = optional({ enabled: flag, keyType: z.enum(["Service", "Account"]) });

const skuNames = [
  "Standard_LRS",
  "Standard_GRS",
  "Standard_RAGRS",
  "Standard_ZRS",
  "Standard_GZRS",
  "Standard_RAGZRS",
  "Premium_LRS",
  "Premium_ZRS",
] as const;

/** The inputs of azure-native's StorageAccount. Values that request a feature that the sandbox does not have are rejected. */
export const storageAccountInputs = z.strictObject({
  location,
  sku: z.strictObject({
    name: enforced(
      z.enum(skuNames),
      "the kind, the region and the current SKU decide which names are accepted",
    ),
  }),
  kind: enforced(
    z.enum(["Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"]),
    "decides SKUs and access tiers; a change is refused, except to StorageV2",
  ),
  tags: tags.optional(),
  identity: identity.optional(),
  ...optional({
    accessTier: noEffect(
      z.enum(["Hot", "Cool", "Cold", "Premium"]),
      "a price: callers see no difference between these tiers",
    ),
    allowBlobPublicAccess: enforced(flag, "false: callers without a signature or token are refused"),
    allowCrossTenantReplication: noEffect(flag, "the sandbox has no object replication"),
    allowSharedKeyAccess: enforced(flag, "false: account keys, and SAS signed with them, are refused"),
    allowedCopyScope: noEffect(
      z.enum(["PrivateLink", "AAD"]),
      "copies stay within an account, which each scope allows",
    ),
    defaultToOAuthAuthentication: noEffect(flag, "a setting of the portal, which the sandbox does not have"),
    dnsEndpointType: restricted(z.enum(["Standard", "AzureDnsZone"]), "AzureDnsZone is refused"),
    enableHttpsTrafficOnly: enforced(flag, "true: requests over plain HTTP are refused"),
    enableNfsV3: restricted(flag, "true is refused"),
    encryption: optional({
      keySource: restricted(
        z.enum(["Microsoft.Storage", "Microsoft.Keyvault"]),
        "customer-managed keys are refused",
      ),
      requireInfrastructureEncryption: noEffect(
        flag,
        "callers see no difference; a change is refused as in Azure",
      ),
      services: noEffect(
        optional({ blob: keyType, file: keyType, queue: keyType, table: keyType }),
        "callers see no difference between these keys",
      ),
    }),
    isHnsEnabled: restricted(flag, "true is refused"),
    isLocalUserEnabled: noEffect(flag, "local users belong to SFTP, which is refused"),
    isSftpEnabled: restricted(flag, "true is refused"),
    keyPolicy: noEffect(
      z.strictObject({ keyExpirationPeriodInDays: whole }),
      "a reminder that Azure Policy reads; no key stops working by it",
    ),
    largeFileSharesState: noEffect(z.enum(["Disabled", "Enabled"]), "the sandbox has no file shares"),
    minimumTlsVersion: enforced(
      z.enum(["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]),
      "requests over an older version are refused",
    ),
    networkRuleSet: z.strictObject({
      bypass: noEffect(text, "exceptions to Deny, which is refused").optional(),
      defaultAction: restricted(z.enum(["Allow", "Deny"]), "Deny is refused"),
      ipRules: restricted(z.array(z.never()), "every rule is refused").optional(),
      virtualNetworkRules: restricted(z.array(z.never()), "every rule is refused").optional(),
    }),
    publicNetworkAccess: enforced(
      z.enum(["Enabled", "Disabled", "SecuredByPerimeter"]),
      "Disabled: every caller is refused; SecuredByPerimeter is refused at deployment",
    ),
    routingPreference: optional({
      publishInternetEndpoints: restricted(flag, "true is refused"),
      publishMicrosoftEndpoints: restricted(flag, "true is refused"),
      routingChoice: noEffect(
        z.enum(["MicrosoftRouting", "InternetRouting"]),
        "the route to the same endpoints, which callers do not see",
      ),
    }),
    sasPolicy: enforced(
      z.strictObject({ expirationAction: z.enum(["Log", "Block"]), sasExpirationPeriod: text }),
      "with Block, a SAS that is valid for longer is refused",
    ),
  }).shape,
});
