import { add, both, drop, madeFrom, type Refused, set } from "../changes.ts";
import { unknownText } from "../fleet.ts";

const security = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security";
const apim = "azure-native:apimanagement";

const sections = (inbound: string, outbound = "<base />") =>
  `<policies><inbound>${inbound}</inbound><backend><base /></backend><outbound>${outbound}</outbound>` +
  "<on-error><base /></on-error></policies>";
const openCors = "<cors><allowed-origins><origin>*</origin></allowed-origins></cors>";

/** The gateway and what leads through it, its policy aside. */
export const gatewayCases: Refused[] = [
  ["gateway-identity", "flow-service", set("flow-service", "identity", undefined)],
  ["gateway-identity", "flow-service", set("flow-service", "apiVersionConstraint", undefined)],
  [
    "gateway-identity",
    "flow-service",
    set("flow-service", "apiVersionConstraint.minApiVersion", "2019-12-01"),
  ],
  ["gateway-identity", "flow-service", set("flow-service", "apiVersionConstraint.minApiVersion", "latest")],
  ["gateway-tier", "flow-service", set("flow-service", "sku.name", "Developer")],
  ["gateway-tier", "flow-service", set("flow-service", "sku.name", "Consumption")],
  ["gateway-has-no-portal", "flow-service", set("flow-service", "developerPortalStatus", "Enabled")],
  ["gateway-has-no-portal", "flow-service", set("flow-service", "legacyPortalStatus", undefined)],
  ...["Protocols.Tls10", "Backend.Protocols.Tls11", "Backend.Protocols.Ssl30", "Ciphers.TripleDes168"].map(
    (name): Refused => [
      "gateway-ciphers",
      "flow-service",
      set("flow-service", "customProperties", { [`${security}.${name}`]: "True" }),
    ],
  ),
  [
    "gateway-ciphers",
    "flow-service",
    set("flow-service", "customProperties", { [`${security}.Protocols.Tls10`]: "true" }),
  ],
  ["https-only", "flow-api", set("flow-api", "protocols", ["https", "http"])],
  ["https-only", "flow-api", set("flow-api", "protocols", undefined)],
  ["https-only", "flow-api", set("flow-api", "serviceUrl", "http://flow.example.com")],
  ["https-only", "flow-backend", set("flow-backend", "url", "http://flow.example.com")],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls.validateCertificateName", false)],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls", undefined)],

  ["api-needs-subscription", "flow-api", set("flow-api", "subscriptionRequired", false)],
  ["api-needs-subscription", "flow-api", set("flow-api", "description", undefined)],
  ["api-needs-subscription", "flow-api", set("flow-api", "subscriptionKeyParameterNames.header", "X-Key")],
  ["api-in-no-product", "added", add(`${apim}:Product`, { subscriptionRequired: false })],
  [
    "api-in-no-product",
    "added",
    add(`${apim}:Product`, { subscriptionRequired: true, approvalRequired: true }),
  ],
  ["api-in-no-product", "added", add(`${apim}:ProductApi`)],
  ["api-in-no-product", "added", add(`${apim}:WorkspaceProductApiLink`)],

  ["policies-inherit", "added", add(`${apim}:ApiOperationPolicy`, { value: sections("") })],
  ["policies-inherit", "added", add(`${apim}:ApiOperationPolicy`, { value: sections("<base />", "") })],
  [
    "policies-inherit",
    "added",
    add(`${apim}:ApiOperationPolicy`, { value: sections("<forward-request /><base />") }),
  ],
  ["policies-inherit", "added", add(`${apim}:ApiOperationPolicy`, { value: sections("<!-- <base /> -->") })],
  ["policies-inherit", "added", add(`${apim}:ApiOperationPolicy`, {})],
  ["policies-inherit", "flow-get", set("flow-get", "policies", sections("<base />"))],
  ["policies-inherit", "added", add(`${apim}:WorkspaceApiPolicy`, { value: sections("") })],
  ["policies-inherit", "added", add(`${apim}:ProductPolicy`, { value: sections("") })],
  ["policies-inherit", "added", add(`${apim}:Policy`, { value: sections(openCors) })],
  ["policies-inherit", "added", add(`${apim}:PolicyFragment`, { value: `<fragment>${openCors}</fragment>` })],

  ["every-api-has-both-doors", "flow-api", drop("flow-policy")],
  ["every-api-has-both-doors", "added", add(`${apim}:Api`, {}, { serviceName: "flow-service" })],
  ["every-api-has-both-doors", "flow-api", add(`${apim}:ApiPolicy`, {}, { apiId: "flow-api" })],
  ["every-api-has-both-doors", "flow-policy", set("flow-keys-account", "accountName", "stothersdevabc123")],
  ["every-api-has-both-doors", "flow-policy", set("flow-keys-table", "tableName", "others")],
  ["every-api-has-both-doors", "flow-policy", set("flow-backend", "backendId", "others")],
  [
    "every-api-has-both-doors",
    "flow-policy",
    both(set("flow-policy", "value", unknownText), madeFrom("flow-policy", "value", "flow-backend")),
  ],
];
