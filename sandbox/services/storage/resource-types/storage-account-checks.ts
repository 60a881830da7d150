import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { region } from "../../../resource-manager/regions.ts";
import type { Draft } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";

/** Verifies that the region offers the SKU, and that an update may change to it. */
export function checkSku({ resource, previous }: Draft): void {
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
  // "Change how a storage account is replicated": an update can add or remove geo-redundancy. A change of the redundancy
  // within the region needs a conversion.
  if (before && localRedundancy(before) !== localRedundancy(sku)) {
    throw cannotUpdate("sku.name", `${before} to ${sku} needs a conversion`);
  }
}

function localRedundancy(sku: string): string {
  return `${sku.split("_")[0]} ${sku.includes("ZRS") ? "zones" : "locally"}`;
}

/** Whether accounts of this kind have premium performance, and the access tier Premium only. */
export const isPremiumKind = ({ kind }: Resource): boolean =>
  kind === "BlockBlobStorage" || kind === "FileStorage";

/**
 * The SKUs of each kind. Source: "Create a storage account", storage account type parameters; for the older kinds
 * "Storage account overview".
 */
const standardSkus = ["Standard_LRS", "Standard_GRS", "Standard_RAGRS"];
const premiumSkus = ["Premium_LRS", "Premium_ZRS"];
const skusByKind: Record<string, string[]> = {
  StorageV2: [...standardSkus, "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS"],
  Storage: standardSkus,
  BlobStorage: standardSkus,
  BlockBlobStorage: premiumSkus,
  FileStorage: premiumSkus,
};

/** Verifies that the kind supports the SKU. Source of the error: terraform-provider-azurerm issues 4842 and 8089. */
export function checkKind({ kind, sku, properties }: Resource): void {
  if (!skusByKind[kind as string]?.includes(sku?.name as string)) {
    throw new ArmError(
      400,
      "InvalidValuesForRequestParameters",
      "Values for request parameters are invalid: kind, sku.",
    );
  }
  // REST reference of storage accounts: "Required for storage accounts where kind = BlobStorage."
  if (kind === "BlobStorage" && properties.accessTier === undefined) throw invalid("accessTier", "Hot, Cool");
}

/** Rejects values that Azure rejects, and values that request a feature that the sandbox does not have. */
export function checkValues({ properties, kind }: Resource): void {
  const period = (properties.sasPolicy as { sasExpirationPeriod?: string } | undefined)?.sasExpirationPeriod;
  if (period !== undefined && !/^(?!0+\.00:00:00$)\d{1,5}\.([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(period)) {
    throw invalid("sasPolicy.sasExpirationPeriod", "DD.HH:MM:SS, more than 0");
  }
  const days = (properties.keyPolicy as { keyExpirationPeriodInDays?: number } | undefined)
    ?.keyExpirationPeriodInDays;
  if (days !== undefined && days < 1) throw invalid("keyPolicy.keyExpirationPeriodInDays", "1 or more");
  const isTierValid =
    kind !== "Storage" && isPremiumKind({ kind } as Resource) === (properties.accessTier === "Premium");
  if (properties.accessTier !== undefined && !isTierValid) {
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
  if (properties.publicNetworkAccess === "SecuredByPerimeter") {
    throw new NotInSandboxError("network security perimeters");
  }
  if (properties.dnsEndpointType === "AzureDnsZone") throw new NotInSandboxError("Azure DNS zone endpoints");
  const routing = properties.routingPreference as Record<string, unknown> | undefined;
  if (routing?.publishInternetEndpoints || routing?.publishMicrosoftEndpoints) {
    throw new NotInSandboxError("routing endpoints of storage accounts");
  }
  const encryption = properties.encryption as { keySource?: string } | undefined;
  if (encryption?.keySource === "Microsoft.Keyvault") throw new NotInSandboxError("customer-managed keys");
}

/** Rejects changes of properties that are fixed when the account is created. */
export function checkImmutable({ resource, previous }: Draft): void {
  if (!previous) return;
  const hasInfrastructureEncryption = ({ properties }: Resource) =>
    (properties.encryption as { requireInfrastructureEncryption?: boolean } | undefined)
      ?.requireInfrastructureEncryption ?? false;
  if (
    resource.properties.encryption !== undefined &&
    hasInfrastructureEncryption(resource) !== hasInfrastructureEncryption(previous)
  ) {
    throw cannotUpdate("encryption.requireInfrastructureEncryption", "it is fixed at creation");
  }
  if (resource.kind !== previous.kind && !(previous.kind !== "StorageV2" && resource.kind === "StorageV2")) {
    throw cannotUpdate("kind", `${previous.kind} cannot become ${resource.kind}`);
  }
}

function cannotUpdate(property: string, reason: string): ArmError {
  return new ArmError(
    409,
    "AccountPropertyCannotBeUpdated",
    `The property '${property}' was specified in the input, but it cannot be updated: ${reason}.`,
  );
}

function invalid(property: string, allowed: string): ArmError {
  return new ArmError(
    400,
    "InvalidValuesForRequestParameters",
    `Values for request parameters are invalid: properties.${property} (allowed: ${allowed}).`,
  );
}
