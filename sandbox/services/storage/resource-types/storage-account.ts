import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { allRegions, region } from "../../../resource-manager/regions.ts";
import { resourceGroupId } from "../../../resource-manager/resource-ids.ts";
import type { Draft, ResourceType } from "../../../resource-manager/resource-type.ts";
import { deletedAccounts, keepDeleted, listDeleted } from "../../../resource-manager/soft-deleted.ts";
import { checkImmutable, checkKind, checkSku, checkValues, isPremiumKind } from "./storage-account-checks.ts";
import { storageAccountInputs } from "./storage-account-inputs.ts";

/** Microsoft.Storage/storageAccounts. sandbox/services/storage/endpoint.ts serves its blobs and tables. */
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
  actions: ["listkeys/action", "regeneratekey/action"],
  regions: allRegions,

  check(draft, azure) {
    checkName(draft, azure);
    checkSku(draft);
    checkImmutable(draft);
    checkKind(draft.resource);
    checkValues(draft.resource);
  },

  complete(draft, azure) {
    const { resource, previous } = draft;
    const sku = resource.sku?.name as string;
    const created =
      (previous?.properties.creationTime as string) ?? new Date(azure.clock.now()).toISOString();
    resource.sku = { name: sku, tier: sku.startsWith("Premium") ? "Premium" : "Standard" };
    const encryption = resource.properties.encryption as Record<string, unknown> | undefined;
    const service = { enabled: true, keyType: "Account", lastEnabledTime: created };
    const isGeoRedundant = sku.includes("GRS") || sku.includes("GZRS");
    resource.properties = {
      // Defaults of properties that a PUT omits. Azure keeps a value that an earlier PUT has set.
      // The kind Storage has no access tiers, and the premium kinds have the tier Premium only.
      accessTier: resource.kind === "Storage" ? undefined : isPremiumKind(resource) ? "Premium" : "Hot",
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
      ...(isGeoRedundant
        ? { secondaryLocation: region(resource.location as string)?.pair, statusOfSecondary: "available" }
        : {}),
      ...(sku.includes("RA") ? { secondaryEndpoints: endpoints(`${resource.name}-secondary`) } : {}),
    };
  },

  stored({ resource, previous }, azure) {
    if (previous) return;
    for (const kept of listDeleted(deletedAccounts, azure)) {
      if (kept.name === resource.name) azure.resources.delete(kept.id);
    }
    for (const service of ["blobServices", "tableServices"]) {
      azure.resources.put({
        id: `${resource.id}/${service}/default`,
        type: `Microsoft.Storage/storageAccounts/${service}`,
        name: "default",
        properties: service === "blobServices" ? { deleteRetentionPolicy: { enabled: false } } : {},
      });
    }
  },

  deleted(resource, azure) {
    const deletionTime = new Date(azure.clock.now()).toISOString();
    keepDeleted(deletedAccounts, resource, azure, {
      storageAccountResourceId: resource.id,
      location: resource.location,
      restoreReference: `${resource.name}|${deletionTime}`,
      creationTime: resource.properties.creationTime,
      deletionTime,
    });
  },
};

function endpoints(host: string) {
  const url = (service: string) => `https://${host}.${service}.core.windows.net/`;
  return { blob: url("blob"), table: url("table"), queue: url("queue"), file: url("file"), dfs: url("dfs") };
}

/** Names of storage accounts. Source: "Naming rules and restrictions for Azure resources". */
export const accountName = /^[a-z0-9]{3,24}$/;

function checkName({ resource, previous }: Draft, azure: AzureEnvironment): void {
  if (!accountName.test(resource.name)) {
    throw new ArmError(
      400,
      "AccountNameInvalid",
      `${resource.name} is not a valid storage account name. Storage account name must be between 3 and 24 ` +
        "characters in length and use numbers and lower-case letters only.",
    );
  }
  const other = azure.resources.named(resource.type, resource.name);
  if (previous || !other) return;
  const group = resourceGroupId(other.id)?.split("/").pop();
  throw new ArmError(
    409,
    "StorageAccountAlreadyTaken",
    `The storage account named ${resource.name} is already taken (by resource group ${group}).`,
  );
}
