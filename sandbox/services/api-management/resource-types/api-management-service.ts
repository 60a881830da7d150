import { randomBytes } from "node:crypto";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { allRegions } from "../../../resource-manager/regions.ts";
import type { Draft, ResourceType } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { deletedServices, keepDeleted, listDeleted } from "../../../resource-manager/soft-deleted.ts";
import { checkCustomProperties } from "./api-management-custom.ts";
import { apiManagementInputs } from "./api-management-inputs.ts";
import { units, v2Regions } from "./api-management-tiers.ts";

/** Microsoft.ApiManagement/service. Its gateway is in ../gateway/. */
export const apiManagementService: ResourceType = {
  type: "Microsoft.ApiManagement/service",
  token: "azure-native:apimanagement:ApiManagementService",
  apiVersion: "2024-05-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}",
  autoName: "random",
  inputs: apiManagementInputs,
  topLevel: ["location", "sku", "tags", "identity", "zones"],
  replaceOn: ["location"],
  computed: [
    "createdAtUtc",
    "developerPortalUrl",
    "etag",
    "gatewayRegionalUrl",
    "gatewayUrl",
    "hostnameConfigurations",
    "identity.principalId",
    "identity.tenantId",
    "managementApiUrl",
    "outboundPublicIPAddresses",
    "platformVersion",
    "portalUrl",
    "privateIPAddresses",
    "provisioningState",
    "publicIPAddresses",
    "scmUrl",
    "systemData",
    "targetProvisioningState",
  ],
  regions: allRegions,

  check(draft, azure) {
    checkName(draft, azure);
    checkSku(draft);
    const { properties } = draft.resource;
    if (properties.publicNetworkAccess === "Disabled") {
      throw invalid("publicNetworkAccess can be disabled only once a private endpoint has been approved.");
    }
    if ((properties.virtualNetworkType ?? "None") !== "None") {
      throw new NotInSandboxError("API Management in a virtual network");
    }
    if (properties.natGatewayState === "Enabled")
      throw new NotInSandboxError("NAT gateways of API Management");
    if (properties.restore) throw new NotInSandboxError("restoring a deleted API Management service");
    if (properties.disableGateway) throw new NotInSandboxError("API Management with its gateway disabled");
    if (properties.enableClientCertificate)
      throw new NotInSandboxError("API Management with client certificates");
  },

  complete({ resource, previous }, azure) {
    const host = resource.name.toLowerCase();
    resource.properties = {
      notificationSenderEmail: "apimgmt-noreply@mail.windowsazure.com",
      publicNetworkAccess: "Enabled",
      virtualNetworkType: "None",
      developerPortalStatus: "Enabled",
      disableGateway: false,
      enableClientCertificate: false,
      ...resource.properties,
      createdAtUtc: previous?.properties.createdAtUtc ?? new Date(azure.clock.now()).toISOString(),
      gatewayUrl: `https://${host}.azure-api.net`,
      managementApiUrl: `https://${host}.management.azure-api.net`,
      developerPortalUrl: `https://${host}.developer.azure-api.net`,
      hostnameConfigurations: [
        {
          type: "Proxy",
          hostName: `${host}.azure-api.net`,
          defaultSslBinding: true,
          negotiateClientCertificate: false,
          certificateSource: "BuiltIn",
        },
      ],
      platformVersion: isV2(resource) ? "mtv1" : "stv2",
      provisioningState: "Succeeded",
      targetProvisioningState: "",
    };
  },

  stored({ resource, previous }, azure) {
    if (previous) return;
    azure.resources.delete(deletedServices.id(resource, azure));
    azure.resources.put({
      id: `${resource.id}/subscriptions/master`,
      type: "Microsoft.ApiManagement/service/subscriptions",
      name: "master",
      properties: {
        scope: `${resource.id}/`,
        displayName: "Built-in all-access subscription",
        state: "active",
        createdDate: new Date(azure.clock.now()).toISOString(),
        allowTracing: false,
        primaryKey: randomBytes(16).toString("hex"),
        secondaryKey: randomBytes(16).toString("hex"),
      },
    });
  },

  deleted(resource, azure) {
    const now = azure.clock.now();
    keepDeleted(deletedServices, resource, azure, {
      serviceId: resource.id,
      deletionDate: new Date(now).toISOString(),
      scheduledPurgeDate: new Date(now + deletedServices.retentionMs).toISOString(),
    });
  },
};

function isV2(resource: Resource): boolean {
  return String(resource.sku?.name).endsWith("V2");
}

/** Names of services. Source: "Naming rules and restrictions for Azure resources". */
export const serviceName = /^[A-Za-z](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?$/;

function checkName({ resource, previous }: Draft, azure: AzureEnvironment): void {
  if (!serviceName.test(resource.name)) {
    throw invalid(
      `'${resource.name}' is not a valid service name: it takes 1 to 50 letters, digits and hyphens, begins ` +
        "with a letter and ends with a letter or digit.",
    );
  }
  if (previous) return;
  if (azure.resources.named(resource.type, resource.name)) {
    throw new ArmError(409, "ServiceAlreadyExists", `Api service already exists: ${resource.name}`);
  }
  const kept = listDeleted(deletedServices, azure);
  if (kept.some(({ name }) => name.toLowerCase() === resource.name.toLowerCase())) {
    throw new ArmError(
      409,
      "ServiceAlreadyExistsInSoftDeletedState",
      `Api service ${resource.name} was soft-deleted. In order to create the new service with the same name, ` +
        "you have to either undelete the service or purge it. See https://aka.ms/apimsoftdelete.",
    );
  }
}

function checkSku({ resource, previous }: Draft): void {
  const { name, capacity } = resource.sku as { name: string; capacity: number };
  const most = units[name] as number;
  if (capacity > most || (most > 0 && capacity < 1)) {
    throw invalid(
      `The capacity ${capacity} is not available in the ${name} tier; it takes up to ${most} units.`,
    );
  }
  if (isV2(resource) && !v2Regions.includes(resource.location as string)) {
    throw new ArmError(
      400,
      "SkuNotAvailable",
      `The ${name} tier is not available in location '${resource.location}'. It is in: ${v2Regions.join(",")}.`,
    );
  }
  const before = previous?.sku?.name as string | undefined;
  if (before && before !== name && before.endsWith("V2") !== name.endsWith("V2")) {
    throw invalid(`A service cannot change its tier from ${before} to ${name}.`);
  }
  const { zones } = resource as { zones?: string[] };
  // "Ensure API Management availability and reliability": only the Premium tier supports zones.
  if (zones?.length && name !== "Premium") throw invalid(`The ${name} tier takes no availability zones.`);
  const fixedCiphers = isV2(resource) || name === "Consumption";
  checkCustomProperties((resource.properties.customProperties ?? {}) as Record<string, string>, fixedCiphers);
}

function invalid(message: string): ArmError {
  return new ArmError(400, "InvalidParameters", message);
}
