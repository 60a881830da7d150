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

/** The inputs of azure-native's StorageAccount. Those that this sandbox cannot act out are refused by value. */
export const storageAccountInputs = z.strictObject({
  location,
  sku: z.strictObject({ name: z.enum(skuNames) }),
  kind: z.enum(["Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"]),
  tags: tags.optional(),
  identity: identity.optional(),
  ...optional({
    accessTier: z.enum(["Hot", "Cool", "Cold", "Premium"]),
    allowBlobPublicAccess: flag,
    allowCrossTenantReplication: flag,
    allowSharedKeyAccess: flag,
    allowedCopyScope: z.enum(["PrivateLink", "AAD"]),
    defaultToOAuthAuthentication: flag,
    dnsEndpointType: z.enum(["Standard", "AzureDnsZone"]),
    enableHttpsTrafficOnly: flag,
    enableNfsV3: flag,
    encryption: optional({
      keySource: z.enum(["Microsoft.Storage", "Microsoft.Keyvault"]),
      requireInfrastructureEncryption: flag,
      services: optional({ blob: keyType, file: keyType, queue: keyType, table: keyType }),
    }),
    isHnsEnabled: flag,
    isLocalUserEnabled: flag,
    isSftpEnabled: flag,
    keyPolicy: z.strictObject({ keyExpirationPeriodInDays: whole }),
    largeFileSharesState: z.enum(["Disabled", "Enabled"]),
    minimumTlsVersion: z.enum(["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]),
    networkRuleSet: z.strictObject({
      bypass: text.optional(),
      defaultAction: z.enum(["Allow", "Deny"]),
      ipRules: z.array(z.never()).optional(),
      virtualNetworkRules: z.array(z.never()).optional(),
    }),
    publicNetworkAccess: z.enum(["Enabled", "Disabled", "SecuredByPerimeter"]),
    routingPreference: optional({
      publishInternetEndpoints: flag,
      publishMicrosoftEndpoints: flag,
      routingChoice: z.enum(["MicrosoftRouting", "InternetRouting"]),
    }),
    sasPolicy: z.strictObject({ expirationAction: z.enum(["Log", "Block"]), sasExpirationPeriod: text }),
  }).shape,
});
