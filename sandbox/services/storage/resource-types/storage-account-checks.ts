import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { region } from "../../../resource-manager/regions.ts";
import type { Draft } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";

/** Whether the SKU is offered in the region, and can be had by an update. */
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
  // "Change how a storage account is replicated": only copies to the pair are added or taken away by an update;
  // the kind of redundancy within the region needs a conversion.
  if (before && within(before) !== within(sku)) {
    throw cannotUpdate("sku.name", `${before} to ${sku} needs a conversion`);
  }
}

function within(sku: string): string {
  return `${sku.split("_")[0]} ${sku.includes("ZRS") ? "zones" : "locally"}`;
}

/** Whether accounts of this kind have premium performance, and the access tier of that name alone. */
export const isPremiumKind = ({ kind }: Resource): boolean =>
  kind === "BlockBlobStorage" || kind === "FileStorage";

/**
 * The SKUs of each kind. Source: "Create a storage account", storage account type parameters; the kinds of older
 * accounts as "Storage account overview" has them.
 */
const older = ["Standard_LRS", "Standard_GRS", "Standard_RAGRS"];
const premium = ["Premium_LRS", "Premium_ZRS"];
const skusOf: Record<string, string[]> = {
  StorageV2: [...older, "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS"],
  Storage: older,
  BlobStorage: older,
  BlockBlobStorage: premium,
  FileStorage: premium,
};

/** Azure's own words, from terraform-provider-azurerm issues 4842 and 8089. */
export function checkKind({ kind, sku, properties }: Resource): void {
  if (!skusOf[kind as string]?.includes(sku?.name as string)) {
    throw new ArmError(
      400,
      "InvalidValuesForRequestParameters",
      "Values for request parameters are invalid: kind, sku.",
    );
  }
  // "Required for storage accounts where kind = BlobStorage."
  if (kind === "BlobStorage" && properties.accessTier === undefined) throw invalid("accessTier", "Hot, Cool");
}

/** Refuses values that Azure refuses, and those that this sandbox cannot act out. */
export function checkValues({ properties, kind }: Resource): void {
  const period = (properties.sasPolicy as { sasExpirationPeriod?: string } | undefined)?.sasExpirationPeriod;
  if (period !== undefined && !/^(?!0+\.00:00:00$)\d{1,5}\.([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(period)) {
    throw invalid("sasPolicy.sasExpirationPeriod", "DD.HH:MM:SS, more than no time");
  }
  const days = (properties.keyPolicy as { keyExpirationPeriodInDays?: number } | undefined)
    ?.keyExpirationPeriodInDays;
  if (days !== undefined && days < 1) throw invalid("keyPolicy.keyExpirationPeriodInDays", "1 or more");
  const fits =
    kind !== "Storage" && isPremiumKind({ kind } as Resource) === (properties.accessTier === "Premium");
  if (properties.accessTier !== undefined && !fits) {
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
    throw new NotInSandboxError("endpoints of storage accounts by route");
  }
  const encryption = properties.encryption as { keySource?: string } | undefined;
  if (encryption?.keySource === "Microsoft.Keyvault") throw new NotInSandboxError("customer-managed keys");
}

/** Refuses changes of what is chosen at the account's creation. */
export function checkImmutable({ resource, previous }: Draft): void {
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
