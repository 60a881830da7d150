import type { PolicyDefinition } from "../definition.ts";
import type { Condition } from "../language/evaluate.ts";
import { allOf, anyOf, countOf, fieldsOf, not, typeIs } from "./conditions.ts";

const type = "Microsoft.ApiManagement/service";
const isService = typeIs(type);
const field = fieldsOf(type);

const service: PolicyDefinition[] = [
  {
    id: "73ef9241-5d81-4cd4-b483-8443d1730fe5",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "An API Management service has a tier that can be inside a virtual network.",
    parameters: { listOfAllowedSKUs: ["Developer", "Premium", "Isolated"] },
    if: allOf(isService, not(field("sku.name", { in: "[parameters('listOfAllowedSKUs')]" }))),
  },
  {
    id: "ef619a2c-cc4d-4d03-b2ba-8c94a834d85b",
    version: "1.0.2",
    mode: "Indexed",
    effect: "Audit",
    demands: "An API Management service of a tier with virtual networks uses one.",
    parameters: { evaluatedSkuNames: ["Developer", "Premium"] },
    if: allOf(
      isService,
      field("sku.name", { in: "[parameters('evaluatedSkuNames')]" }),
      anyOf(
        field("virtualNetworkType", { exists: "false" }),
        field("virtualNetworkType", { equals: "None" }),
      ),
    ),
  },
  {
    id: "1dc2fc00-2245-4143-99f4-874c937f13ef",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "An API Management service does not run on the platform stv1.",
    if: allOf(isService, field("platformVersion", { equals: "stv1" })),
  },
  {
    id: "42daa904-5969-47ef-92cb-b75df946195a",
    version: "1.0.1-preview",
    mode: "Indexed",
    effect: "Audit",
    demands: "An API Management service runs in several zones.",
    if: allOf(
      isService,
      anyOf(not(field("sku.name", { like: "Premium" })), countOf(`${type}/zones[*]`, undefined, { less: 2 })),
    ),
  },
  {
    id: "df73bd95-24da-4a4f-96b9-4e8b94b402bd",
    version: "1.0.1",
    mode: "Indexed",
    effect: "AuditIfNotExists",
    demands: "The direct management endpoint of an API Management service is declared, and off.",
    parameters: { endpointType: "Management" },
    if: allOf(isService, field("sku.name", { notEquals: "Consumption" })),
    details: {
      type: `${type}/tenant`,
      name: "[if(equals(parameters('endpointType'), 'Management'), 'access', if(equals(parameters('endpointType'), 'Git'), 'gitaccess', 'gatewayaccess'))]",
      existenceCondition: { field: `${type}/tenant/enabled`, equals: false },
    },
  },
  {
    id: "b741306c-968e-4b67-b916-5675e5c709f4",
    version: "1.0.2",
    mode: "All",
    effect: "Audit",
    demands: "The direct management endpoint of an API Management service is not on.",
    if: allOf(typeIs(`${type}/tenant`), { field: `${type}/tenant/enabled`, equals: true }),
  },
  {
    id: "ffe25541-3853-4f4e-b71d-064422294b11",
    version: "1.0.1",
    mode: "All",
    effect: "Audit",
    demands: "The developer portal does not accept passwords.",
    if: allOf(typeIs(`${type}/portalconfigs`), {
      field: `${type}/portalconfigs/enableBasicAuth`,
      notEquals: false,
    }),
  },
];

const apis: PolicyDefinition[] = [
  {
    id: "ee7495e7-3ba7-40b6-bfee-c29e22cc75d4",
    version: "2.0.2",
    mode: "All",
    effect: "Audit",
    demands: "An API accepts encrypted protocols only.",
    if: allOf(
      typeIs(`${type}/apis`),
      countOf(
        `${type}/apis/protocols[*]`,
        anyOf(
          ...["http", "ws"].map((protocol) => ({ field: `${type}/apis/protocols[*]`, equals: protocol })),
        ),
        { greaterOrEquals: 1 },
      ),
    ),
  },
  {
    id: "3aa03346-d8c5-4994-a5bc-7652c2a2aef1",
    version: "1.1.0",
    mode: "All",
    effect: "Audit",
    demands: "No active subscription is for all APIs.",
    if: allOf(
      typeIs(`${type}/subscriptions`),
      { field: `${type}/subscriptions/scope`, like: "*/apis" },
      { field: `${type}/subscriptions/state`, equals: "active" },
    ),
  },
  {
    id: "f1cc7827-022c-473e-836e-5a51cae0b249",
    version: "1.0.2",
    mode: "All",
    effect: "Audit",
    demands: "A secret named value is stored in Key Vault.",
    if: allOf(
      typeIs(`${type}/namedValues`),
      { field: `${type}/namedValues/displayName`, exists: "true" },
      { field: `${type}/namedValues/secret`, equals: "true" },
      anyOf(
        ...["keyVault", "keyVault.secretIdentifier"].map((alias) => ({
          field: `${type}/namedValues/${alias}`,
          exists: "false",
        })),
      ),
    ),
  },
  {
    id: "d5448c98-e503-4fdd-bcd2-784960c00d04",
    version: "1.0.0",
    mode: "All",
    effect: "Audit",
    demands: "Each section of an API policy below the global one begins with the base element.",
    if: baseInEachSection(
      [
        "apis",
        "apis/operations",
        "products",
        "workspaces",
        "workspaces/apis",
        "workspaces/apis/operations",
      ].concat("workspaces/products"),
    ),
  },
];

/** Compares the policy's text without white space: each section must begin with <base/>. */
function baseInEachSection(parents: string[]): Condition {
  const types = parents.map((parent) => `${type}/${parent}/policies`);
  const withoutSpace = (alias: string) =>
    ["\r", "\n", " ", "\t"].reduce(
      (expression, character) => `replace(${expression}, '${character}', '')`,
      `field('${alias}')`,
    );
  return allOf(
    { field: "type", in: types },
    anyOf(
      ...types.map((each) =>
        allOf(
          typeIs(each),
          not(
            allOf(
              ...["inbound", "outbound", "backend", "on-error"].map((section) => ({
                value: `[${withoutSpace(`${each}/value`)}]`,
                contains: `<${section}><base/>`,
              })),
            ),
          ),
        ),
      ),
    ),
  );
}

const backend = fieldsOf(`${type}/backends`);

const backends: PolicyDefinition[] = [
  {
    id: "c15dcc82-b93c-4dcb-9332-fbf121685b54",
    version: "1.0.1",
    mode: "All",
    effect: "Audit",
    demands: "The gateway signs in to a backend with a certificate or a fixed header.",
    if: allOf(
      typeIs(`${type}/backends`),
      backend("url", { exists: "true" }),
      backend("protocol", { equals: "http" }),
      allOf(
        anyOf(backend("credentials.certificate", { exists: "false" }), {
          value: `[length(field('${type}/backends/credentials.certificate[*]'))]`,
          equals: 0,
        }),
        anyOf(
          ...["scheme", "parameter"].map((part) =>
            backend(`credentials.authorization.${part}`, { exists: "false" }),
          ),
        ),
      ),
    ),
  },
  {
    id: "92bb331d-ac71-416a-8c91-02f2cb734ce4",
    version: "1.0.2",
    mode: "All",
    effect: "Audit",
    demands: "The gateway verifies a backend's certificate: its chain and its name.",
    if: allOf(
      typeIs(`${type}/backends`),
      anyOf(...["Chain", "Name"].map((part) => backend(`tls.validateCertificate${part}`, { equals: false }))),
    ),
  },
];

/** Built-in definitions of the category API Management, and of other categories for its services. */
export const apiManagementDefinitions: PolicyDefinition[] = [...service, ...apis, ...backends];
