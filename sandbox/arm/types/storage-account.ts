import type { Cloud } from "../../cloud.ts";
import { ArmError, NotInSandboxError } from "../error.ts";
import { resourceGroupId } from "../ids.ts";
import { allRegions, region } from "../regions.ts";
import type { Resource } from "../resources.ts";
import type { Draft, ResourceType } from "./resource-type.ts";
import { storageAccountInputs } from "./storage-account-inputs.ts";

/** Microsoft.Storage/storageAccounts. Blob and table data live in sandbox/storage. */
export const storageAccount: ResourceType = {
  type: "Microsoft.Storage/storageAccounts",
  token: "azure-native:storage:StorageAccount",
  apiVersion: "2024-01-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}",
  autoName: "random",
  inputs: storageAccountInputs,
  topLevel: ["location", "sku", "kind", "tags", "identity"],
  renames: {
    enableHttpsTrafficOnly: "supportsHttpsTrafficOnly",
    enableNfsV3: "isNfsV3Enabled",
    networkRuleSet: "networkAcls",
  },
  replaceOn: ["location", "isHnsEnabled"],
  computed: [
    "creationTime",
    "identity.principalId",
    "identity.tenantId",
    "keyCreationTime",
    "primaryEndpoints",
    "primaryLocation",
    "provisioningState",
    "secondaryEndpoints",
    "secondaryLocation",
    "sku.tier",
    "statusOfPrimary",
    "statusOfSecondary",
  ],
  regions: allRegions,

  check(draft, cloud) {
    checkName(draft, cloud);
    checkSku(draft);
    checkValues(draft.resource);
    checkImmutable(draft);
  },

  complete(draft, cloud) {
    const { resource, previous } = draft;
    const sku = resource.sku?.name as string;
    const created =
      (previous?.properties.creationTime as string) ?? new Date(cloud.clock.now()).toISOString();
    resource.sku = { name: sku, tier: sku.startsWith("Premium") ? "Premium" : "Standard" };
    const encryption = resource.properties.encryption as Record<string, unknown> | undefined;
    const service = { enabled: true, keyType: "Account", lastEnabledTime: created };
    const geo = sku.includes("GRS") || sku.includes("GZRS");
    resource.properties = {
      // What a PUT leaves out takes these values, except where it was set before: there Azure keeps it.
      accessTier: "Hot",
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      // Storage documentation: "The default interpretation is TLS 1.0 for this property."
      minimumTlsVersion: "TLS1_0",
      supportsHttpsTrafficOnly: true,
      networkAcls: { bypass: "AzureServices", virtualNetworkRules: [], ipRules: [], defaultAction: "Allow" },
      ...previous?.properties,
      ...resource.properties,
      secondaryLocation: undefined,
      statusOfSecondary: undefined,
      secondaryEndpoints: undefined,
      encryption: {
        keySource: "Microsoft.Storage",
        ...(previous?.properties.encryption as object | undefined),
        ...encryption,
        services: { blob: service, file: service, ...(encryption?.services as object | undefined) },
      },
      creationTime: created,
      keyCreationTime: previous?.properties.keyCreationTime ?? { key1: created, key2: created },
      primaryEndpoints: endpoints(resource.name),
      primaryLocation: resource.location,
      statusOfPrimary: "available",
      provisioningState: "Succeeded",
      ...(geo
        ? { secondaryLocation: region(resource.location as string)?.pair, statusOfSecondary: "available" }
        : {}),
      ...(sku.includes("RA") ? { secondaryEndpoints: endpoints(`${resource.name}-secondary`) } : {}),
    };
  },

  stored({ resource, previous }, cloud) {
    if (previous) return;
    for (const service of ["blobServices", "tableServices"]) {
      cloud.resources.put({
        id: `${resource.id}/${service}/default`,
        type: `Microsoft.Storage/storageAccounts/${service}`,
        name: "default",
        properties: service === "blobServices" ? { deleteRetentionPolicy: { enabled: false } } : {},
      });
    }
  },
};

function endpoints(host: string) {
  const url = (service: string) => `https://${host}.${service}.core.windows.net/`;
  return { blob: url("blob"), table: url("table"), queue: url("queue"), file: url("file"), dfs: url("dfs") };
}

function checkName({ resource, previous }: Draft, cloud: Cloud): void {
  if (!/^[a-z0-9]{3,24}$/.test(resource.name)) {
    throw new ArmError(
      400,
      "AccountNameInvalid",
      `${resource.name} is not a valid storage account name. Storage account name must be between 3 and 24 ` +
        "characters in length and use numbers and lower-case letters only.",
    );
  }
  const other = cloud.resources.named(resource.type, resource.name);
  if (previous || !other) return;
  const group = resourceGroupId(other.id)?.split("/").pop();
  throw new ArmError(
    409,
    "StorageAccountAlreadyTaken",
    `The storage account named ${resource.name} is already taken (by resource group ${group}).`,
  );
}

function checkSku({ resource, previous }: Draft): void {
  const sku = resource.sku?.name as string;
  const facts = region(resource.location as string);
  if ((sku.includes("ZRS") && !facts?.zones) || (sku.includes("GRS") && !facts?.pair)) {
    throw new ArmError(
      400,
      "SkuNotAvailable",
      `The requested sku ${sku} is not available in location '${resource.location}'.`,
    );
  }
  if (sku.includes("GZRS") && !facts?.pair) {
    throw new ArmError(400, "SkuNotAvailable", `The region '${resource.location}' has no pair for ${sku}.`);
  }
  const before = previous?.sku?.name as string | undefined;
  // "Change how a storage account is replicated": only copies to the pair are added or taken away by an update;
  // the kind of redundancy within the region needs a conversion.
  if (before && within(before) !== within(sku)) {
    throw cannotUpdate("sku.name", `${before} to ${sku} needs a conversion`);
  }
}

function within(sku: string): string {
  return `${sku.split("_")[0]} ${sku.includes("ZRS") ? "zones" : "locally"}`;
}

function checkValues({ properties, kind }: Resource): void {
  const period = (properties.sasPolicy as { sasExpirationPeriod?: string } | undefined)?.sasExpirationPeriod;
  if (period !== undefined && !/^\d{1,5}\.([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(period)) {
    throw invalid("sasPolicy.sasExpirationPeriod", "DD.HH:MM:SS");
  }
  const days = (properties.keyPolicy as { keyExpirationPeriodInDays?: number } | undefined)
    ?.keyExpirationPeriodInDays;
  if (days !== undefined && days < 1) throw invalid("keyPolicy.keyExpirationPeriodInDays", "1 or more");
  const premium = kind === "BlockBlobStorage" || kind === "FileStorage";
  if (premium !== (properties.accessTier === "Premium") && properties.accessTier !== undefined) {
    throw new ArmError(
      400,
      "AccountPropertyIsInvalid",
      `Account property accessTier is invalid for ${kind}.`,
    );
  }
  const network = properties.networkAcls as { defaultAction?: string } | undefined;
  if (network?.defaultAction === "Deny") throw new NotInSandboxError("network rules that deny by default");
  for (const feature of ["isHnsEnabled", "isSftpEnabled", "isNfsV3Enabled"]) {
    if (properties[feature] === true) throw new NotInSandboxError(`storage accounts with ${feature}`);
  }
  const encryption = properties.encryption as { keySource?: string } | undefined;
  if (encryption?.keySource === "Microsoft.Keyvault") throw new NotInSandboxError("customer-managed keys");
}

function checkImmutable({ resource, previous }: Draft): void {
  if (!previous) return;
  const encrypts = ({ properties }: Resource) =>
    (properties.encryption as { requireInfrastructureEncryption?: boolean } | undefined)
      ?.requireInfrastructureEncryption ?? false;
  if (resource.properties.encryption !== undefined && encrypts(resource) !== encrypts(previous)) {
    throw cannotUpdate("encryption.requireInfrastructureEncryption", "it is chosen at creation");
  }
  if (resource.kind !== previous.kind && !(previous.kind !== "StorageV2" && resource.kind === "StorageV2")) {
    throw cannotUpdate("kind", `${previous.kind} cannot become ${resource.kind}`);
  }
}

function cannotUpdate(property: string, why: string): ArmError {
  return new ArmError(
    409,
    "AccountPropertyCannotBeUpdated",
    `The property '${property}' was specified in the input, but it cannot be updated: ${why}.`,
  );
}

function invalid(property: string, allowed: string): ArmError {
  return new ArmError(
    400,
    "InvalidValuesForRequestParameters",
    `Values for request parameters are invalid: properties.${property} (allowed: ${allowed}).`,
  );
}
