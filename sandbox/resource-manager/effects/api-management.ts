import { actedOnIn, type Effects, identity, inert, location, tags } from "./effect.ts";

const service = "services/api-management/resource-types/api-management-service.ts";
const configuration = "services/api-management/gateway/configuration.ts";
const routing = "services/api-management/gateway/routing.ts";
const described = "what people read of it; the gateway does not act on it in Azure either";

export const apiManagementEffects: Record<string, Effects> = {
  "azure-native:apimanagement:ApiManagementService": {
    ...location,
    ...tags,
    ...identity,
    ...actedOnIn(configuration, "sku.name"),
    ...actedOnIn("resource-manager/resource-manager.ts", "apiVersionConstraint.minApiVersion"),
    ...actedOnIn("services/api-management/gateway/endpoint.ts", "customProperties"),
    ...actedOnIn(
      service,
      "sku.capacity",
      "disableGateway",
      "enableClientCertificate",
      "natGatewayState",
      "publicNetworkAccess",
      "restore",
      "virtualNetworkType",
      "zones",
    ),
    ...inert(described, "publisherEmail", "publisherName"),
    ...inert("no mail is sent", "notificationSenderEmail"),
    ...inert("there are no portals", "developerPortalStatus", "legacyPortalStatus"),
    ...inert("the older management API is not there", "configurationApi"),
  },
  "azure-native:apimanagement:Backend": {
    ...actedOnIn(
      configuration,
      "url",
      "credentials.authorization.parameter",
      "credentials.authorization.scheme",
      "credentials.header",
      "credentials.query",
      "tls.validateCertificateChain",
      "tls.validateCertificateName",
    ),
    ...actedOnIn(
      "services/api-management/resource-types/api-backend.ts",
      "circuitBreaker",
      "credentials.certificate",
      "credentials.certificateIds",
      "protocol",
      "type",
    ),
    ...inert(described, "description", "title"),
    ...inert("where the backend is managed; calls go to its url", "resourceId"),
  },
  "azure-native:apimanagement:NamedValue": {
    ...actedOnIn(configuration, "displayName", "value"),
    ...actedOnIn("services/api-management/resource-types/api-backend.ts", "secret"),
    ...inert(described, "tags"),
  },
  "azure-native:apimanagement:Api": {
    ...actedOnIn(
      routing,
      "displayName",
      "path",
      "protocols",
      "serviceUrl",
      "subscriptionKeyParameterNames.header",
      "subscriptionKeyParameterNames.query",
      "subscriptionRequired",
    ),
    ...actedOnIn("resource-manager/types/api.ts", "apiRevision", "apiVersion", "isCurrent"),
    ...inert("HTTP is the only type that is taken", "apiType"),
    ...inert(
      described,
      "apiRevisionDescription",
      "apiVersionDescription",
      "contact",
      "description",
      "license",
      "termsOfServiceUrl",
    ),
  },
  "azure-native:apimanagement:ApiOperation": {
    ...actedOnIn(routing, "displayName", "method", "urlTemplate"),
    ...actedOnIn("resource-manager/types/api.ts", "templateParameters.name"),
    ...inert(
      described,
      "description",
      "request",
      "responses",
      "templateParameters.defaultValue",
      "templateParameters.description",
      "templateParameters.required",
      "templateParameters.type",
      "templateParameters.values",
    ),
  },
  "azure-native:apimanagement:ApiPolicy": actedOnIn(configuration, "value", "format"),
  "azure-native:apimanagement:Subscription": {
    ...actedOnIn(configuration, "displayName", "scope", "state", "primaryKey", "secondaryKey"),
    ...actedOnIn("services/api-management/resource-types/api-subscription.ts", "allowTracing", "ownerId"),
  },
};
