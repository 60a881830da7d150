import {
  add,
  added,
  edit,
  inOrder,
  type Refusal,
  refusals,
  remove,
  replaceInPolicy,
  set,
  setSources,
} from "../changes.ts";
import { unknownText } from "../pack.ts";

const gatewaySecurity = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security";
const provider = "azure-native:apimanagement";

const policyWith = (inbound: string, outbound = "<base />") =>
  `<policies><inbound>${inbound}</inbound><backend><base /></backend><outbound>${outbound}</outbound>` +
  "<on-error><base /></on-error></policies>";
const corsForEveryOrigin = "<cors><allowed-origins><origin>*</origin></allowed-origins></cors>";

const serviceRefusals: Refusal[] = [
  ...refusals("api-management-managed-identity", {
    "a service without an identity": edit("flow-service", "identity", undefined),
  }),
  ...refusals("api-management-minimum-api-version", {
    "a service without a minimum API version": edit("flow-service", "apiVersionConstraint", undefined),
    "a minimum API version of 2019": edit("flow-service", "apiVersionConstraint.minApiVersion", "2019-12-01"),
    "a minimum API version that is no date": edit(
      "flow-service",
      "apiVersionConstraint.minApiVersion",
      "latest",
    ),
  }),
  ...refusals("api-management-tier", {
    "the Developer tier": edit("flow-service", "sku.name", "Developer"),
    "the Consumption tier": edit("flow-service", "sku.name", "Consumption"),
  }),
  ...refusals("api-management-no-portal", {
    "a service with a developer portal": edit("flow-service", "developerPortalStatus", "Enabled"),
    "a service that leaves the legacy portal to Azure's default": edit(
      "flow-service",
      "legacyPortalStatus",
      undefined,
    ),
  }),
  ...refusals("api-management-no-weak-ciphers", {
    ...Object.fromEntries(
      ["Protocols.Tls10", "Backend.Protocols.Tls11", "Backend.Protocols.Ssl30", "Ciphers.TripleDes168"].map(
        (name) => [
          `a service that turns ${name} on`,
          edit("flow-service", "customProperties", { [`${gatewaySecurity}.${name}`]: "True" }),
        ],
      ),
    ),
    'a service that turns Protocols.Tls10 on with "true" in small letters': edit(
      "flow-service",
      "customProperties",
      { [`${gatewaySecurity}.Protocols.Tls10`]: "true" },
    ),
  }),
];

const apiRefusals: Refusal[] = [
  ...refusals("api-management-api-https-only", {
    "an API that also accepts plain HTTP": edit("flow-api", "protocols", ["https", "http"]),
    "an API that leaves its protocols to Azure's default": edit("flow-api", "protocols", undefined),
    "an API that calls its service by an http URL": edit("flow-api", "serviceUrl", "http://flow.example.com"),
  }),
  ...refusals("api-management-backend-https-only", {
    "a backend with an http URL": edit("flow-backend", "url", "http://flow.example.com"),
  }),
  ...refusals("api-management-backend-certificate", {
    "a backend without verification of the certificate name": edit(
      "flow-backend",
      "tls.validateCertificateName",
      false,
    ),
    "a backend without TLS settings": edit("flow-backend", "tls", undefined),
  }),
  ...refusals("api-management-api-subscription", {
    "an API that requires no subscription key": edit("flow-api", "subscriptionRequired", false),
    "an API that takes the subscription key in another header": edit(
      "flow-api",
      "subscriptionKeyParameterNames.header",
      "X-Key",
    ),
  }),
  ...refusals("api-management-api-descriptors", {
    "an API without a description": edit("flow-api", "description", undefined),
  }),
  ...refusals("api-management-no-products", {
    "a product that requires no subscription": added(`${provider}:Product`, { subscriptionRequired: false }),
    "a product that requires subscription and approval": added(`${provider}:Product`, {
      subscriptionRequired: true,
      approvalRequired: true,
    }),
    "an API that is added to a product": added(`${provider}:ProductApi`),
    "an API that is added to a product of a workspace": added(`${provider}:WorkspaceProductApiLink`),
  }),
];

const policyRefusals: Refusal[] = [
  ...refusals("api-management-policy-base", {
    "an operation policy without <base /> in its inbound section": added(`${provider}:ApiOperationPolicy`, {
      value: policyWith(""),
    }),
    "an operation policy without <base /> in its outbound section": added(`${provider}:ApiOperationPolicy`, {
      value: policyWith("<base />", ""),
    }),
    "an operation policy that begins with another element": added(`${provider}:ApiOperationPolicy`, {
      value: policyWith("<forward-request /><base />"),
    }),
    "an operation policy with <base /> in a comment": added(`${provider}:ApiOperationPolicy`, {
      value: policyWith("<!-- <base /> -->"),
    }),
    "an operation policy without a document": added(`${provider}:ApiOperationPolicy`, {}),
    "a policy inside an operation": edit("flow-get-health", "policies", policyWith("<base />")),
    "a workspace API policy without <base />": added(`${provider}:WorkspaceApiPolicy`, {
      value: policyWith(""),
    }),
    "a product policy without <base />": added(`${provider}:ProductPolicy`, { value: policyWith("") }),
  }),
  ...refusals("api-management-policy-cors", {
    "a service policy that allows CORS for every origin": added(`${provider}:Policy`, {
      value: policyWith(corsForEveryOrigin),
    }),
    "a policy fragment that allows CORS for every origin": added(`${provider}:PolicyFragment`, {
      value: `<fragment>${corsForEveryOrigin}</fragment>`,
    }),
  }),
  ...refusals("api-management-api-policy-required", {
    "an API without a policy": ["flow-api", remove("flow-policy")],
    "a second API without a policy": added(`${provider}:Api`, {}, { serviceName: "flow-service" }),
    "an API with two policies": ["flow-api", add(`${provider}:ApiPolicy`, { apiId: "flow" })],
    "a policy that looks up terminals in another account": [
      "flow-policy",
      set("flow-keys-account", "accountName", "stothersdevabc123"),
    ],
    "a policy that looks up terminals in another table": [
      "flow-policy",
      set("flow-keys-table", "tableName", "others"),
    ],
    "a policy that calls another backend": ["flow-policy", set("flow-backend", "backendId", "others")],
    "an audience that is not listed for the stack": [
      "flow-policy",
      replaceInPolicy("api://11111111-2222-3333-4444-555555555555", "https://flow.azure.company.example/Api"),
    ],
    "an unknown policy that does not depend on the key table": [
      "flow-policy",
      inOrder(set("flow-policy", "value", unknownText), setSources("flow-policy", "value", "flow-backend")),
    ],
  }),
];

export const apiManagementRefusals: Refusal[] = [...serviceRefusals, ...apiRefusals, ...policyRefusals];
