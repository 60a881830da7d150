import { serviceName } from "../../services/api-management/resource-types/api-management-service.ts";
import { units, v2Regions } from "../../services/api-management/resource-types/api-management-tiers.ts";
import { hubName } from "../../services/iot-hub/resource-types/iot-hub.ts";
import { accountName } from "../../services/storage/resource-types/storage-account.ts";
import { ArmError } from "../arm-error.ts";
import { allRegions, region } from "../regions.ts";
import { deletedServices, listDeleted, type SoftDeletion } from "../soft-deleted.ts";
import { readConditions } from "../subscription-conditions.ts";
import { jsonBody, type ManagementApp, type ManagementParts } from "./routes.ts";

/** SKUs of general-purpose accounts. Source: "Create a storage account", storage account type parameters. */
const accountSkus = ["Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS"];

interface NamedType {
  action: string;
  type: string;
  validName: RegExp;
  /** Azure's reason for a name that is not valid. */
  invalidReason: string;
  reserving?: SoftDeletion;
}

/**
 * The types with names that are unique in Azure, the operation of their check of names, and the deleted resources that
 * still reserve a name. Source: Azure documentation, "Azure permissions".
 */
const namedTypes: NamedType[] = [
  {
    action: "Microsoft.Storage/checknameavailability/read",
    type: "Microsoft.Storage/storageAccounts",
    validName: accountName,
    invalidReason: "AccountNameInvalid",
  },
  {
    action: "Microsoft.Devices/checkNameAvailability/Action",
    type: "Microsoft.Devices/IotHubs",
    validName: hubName,
    invalidReason: "Invalid",
  },
  {
    action: "Microsoft.ApiManagement/checkNameAvailability/read",
    type: "Microsoft.ApiManagement/service",
    validName: serviceName,
    invalidReason: "Invalid",
    reserving: deletedServices,
  },
];

/**
 * Adds the lists of SKUs and the checks of names. Sources: REST reference, Storage "Skus - List" and "Storage Accounts
 * - Check Name Availability", IoT Hub "Check Name Availability", API Management "Api Management Skus - List" and
 * "Check Name Availability"; the answers' forms as the SDKs @azure/arm-storage, arm-iothub and arm-apimanagement read
 * them.
 */
export function addAvailabilityRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const scope = `/subscriptions/${azure.subscriptionId}`;
  const restrictions = (sku: string, locations: string[]) =>
    readConditions(azure)
      .restrictedSkus.filter((each) => each.sku === sku && locations.includes(each.region))
      .map((each) => ({
        type: "Location",
        values: [each.region],
        restrictionInfo: { locations: [each.region] },
        reasonCode: "NotAvailableForSubscription",
      }));

  // One entry for each SKU and region.
  app.get("/subscriptions/:s/providers/microsoft.storage/skus", (context) => {
    context.get("manager").authorize("Microsoft.Storage/skus/read", scope);
    const value = accountSkus.flatMap((name) =>
      allRegions
        .filter((location) => isOffered(name, location))
        .map((location) => ({
          resourceType: "storageAccounts",
          name,
          tier: "Standard",
          kind: "StorageV2",
          locations: [location],
          restrictions: restrictions(name, [location]),
        })),
    );
    return context.json({ value });
  });

  app.get("/subscriptions/:s/providers/microsoft.apimanagement/skus", (context) => {
    context.get("manager").authorize("Microsoft.ApiManagement/skus/read", scope);
    const value = Object.keys(units).map((name) => {
      const regions = name.endsWith("V2") ? v2Regions : allRegions;
      return {
        resourceType: "service",
        name,
        locations: regions.map((each) => region(each)?.displayName ?? each),
        restrictions: restrictions(name, regions),
      };
    });
    return context.json({ value });
  });

  for (const { action, type, validName, invalidReason, reserving } of namedTypes) {
    const namespace = (type.split("/")[0] as string).toLowerCase();
    app.post(`/subscriptions/:s/providers/${namespace}/checknameavailability`, async (context) => {
      context.get("manager").authorize(action, scope);
      // azure-mgmt-iothub before version 1 writes the member with a capital letter.
      const body = await jsonBody(context);
      const name = body.name ?? body.Name;
      if (typeof name !== "string" || name === "") {
        throw new ArmError(400, "InvalidValuesForRequestParameters", "The name is missing.");
      }
      if (!validName.test(name)) {
        const message = `The name ${name} is not valid.`;
        return context.json({ nameAvailable: false, reason: invalidReason, message });
      }
      const kept = reserving ? listDeleted(reserving, azure) : [];
      const isTaken =
        azure.resources.named(type, name) !== undefined ||
        kept.some((each) => each.name.toLowerCase() === name.toLowerCase());
      return context.json(
        isTaken
          ? { nameAvailable: false, reason: "AlreadyExists", message: `The name ${name} is already taken.` }
          : { nameAvailable: true },
      );
    });
  }
}

function isOffered(sku: string, location: string): boolean {
  const facts = region(location);
  return (!sku.includes("ZRS") || facts?.zones === true) && (!/GZ?RS/.test(sku) || facts?.pair !== undefined);
}
