import { added, type Change, edit, exclude, type Refusal, refusals } from "../changes.ts";

const typeRefusals: Refusal[] = [
  ...refusals("resource-type-allowlist", {
    "a key vault": added("azure-native:keyvault:Vault", { location: "westeurope" }),
    "a storage queue": added("azure-native:storage:Queue"),
    "a public IP address of a versioned package": added(
      "azure-native_network_v20240301:network:PublicIPAddress",
    ),
    "a directory role": added("azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"),
    "a provider of another cloud": added("pulumi:providers:aws"),
  }),
  ...refusals("stack-no-indirect-deployment", {
    "a template deployment": added("azure-native:resources:Deployment"),
    "a template deployment in a subscription": added("azure-native:resources:DeploymentAtSubscriptionScope"),
    "a deployment stack": added("azure-native:resources:DeploymentStackAtResourceGroup"),
    "a deployment script": added("azure-native:resources:AzureCliScript"),
    "a generic resource": added("azure-native:resources:Resource"),
    "a dynamic resource": added("pulumi-nodejs:dynamic:Resource"),
    "a local command": added("command:local:Command"),
  }),
];

const unlistedProperties: [title: string, resource: string, path: string, value: unknown][] = [
  ["the owner of a resource group", "terminals", "managedBy", "/subscriptions/others"],
  [
    "a route of the IoT Hub to another event hub",
    "terminals-hub",
    "properties.routing.endpoints.eventHubs",
    [{ endpointUri: "sb://elsewhere" }],
  ],
  [
    "an IP filter of the IoT Hub",
    "terminals-hub",
    "properties.ipFilterRules",
    [{ action: "Reject", ipMask: "0.0.0.0/0" }],
  ],
  [
    "file upload notifications of the IoT Hub",
    "terminals-hub",
    "properties.enableFileUploadNotifications",
    true,
  ],
  ["a hierarchical namespace", "files-account", "isHnsEnabled", true],
  [
    "a customer-managed key of another key vault",
    "files-account",
    "encryption.keyVaultProperties",
    { keyVaultUri: "https://others.vault.azure.net" },
  ],
  ["an edge zone", "files-account", "extendedLocation", { name: "losangeles", type: "EdgeZone" }],
  [
    "identities of a directory for file shares",
    "files-account",
    "azureFilesIdentityBasedAuthentication",
    { directoryServiceOptions: "AADKERB" },
  ],
  [
    "permanent deletion of soft-deleted blobs",
    "audit-blobs",
    "deleteRetentionPolicy.allowPermanentDelete",
    true,
  ],
  ["version-level immutability", "audit-container", "immutableStorageWithVersioning", { enabled: true }],
  [
    "a lifecycle rule that archives files",
    "files-lifecycle",
    "policy.rules.0.definition.actions.baseBlob.tierToArchive",
    { daysAfterModificationGreaterThan: 0 },
  ],
  ["a disabled gateway", "flow-service", "disableGateway", true],
  ["a root certificate of the gateway", "flow-service", "certificates", [{ storeName: "Root" }]],
  ["an API that copies another one", "flow-api", "sourceApiId", "/apis/others"],
  ["an imported API definition", "flow-api", "value", "https://example.com/openapi.json"],
  ["a WebSocket API", "flow-api", "apiType", "websocket"],
  ["a proxy of a backend", "flow-backend", "proxy", { url: "http://proxy.example.com" }],
  ["a pool of backends", "flow-backend", "pool", { services: [{ id: "/backends/others" }] }],
  ["a daily cap of logs", "observability-workspace", "workspaceCapping.dailyQuotaGb", 0.03],
  ["immediate deletion of logs", "observability-workspace", "features.immediatePurgeDataOn30Days", true],
  [
    "a data collection rule",
    "observability-workspace",
    "defaultDataCollectionRuleResourceId",
    "/dataCollectionRules/none",
  ],
  ["owners of the operators' group", "operators-group", "owners", ["owner-id"]],
  [
    "dynamic members of the operators' group",
    "operators-group",
    "dynamicMembership",
    { enabled: true, rule: 'user.department -eq "Sales"' },
  ],
  ["owners of the application", "operators-application", "owners", ["owner-id"]],
  [
    "permissions of the application",
    "operators-application",
    "requiredResourceAccesses",
    [{ resourceAppId: "graph" }],
  ],
  ["owners of the service principal", "operators-service-principal", "owners", ["owner-id"]],
];

const propertyRefusals: Refusal[] = refusals(
  "resource-property-allowlist",
  Object.fromEntries(
    unlistedProperties.map(([title, resource, path, value]): [string, [string, Change]] => [
      title,
      edit(resource, path, value),
    ]),
  ),
);

const placeRefusals: Refusal[] = [
  ...refusals("stack-complete-first-deployment", {
    "a new resource group that --target excludes": ["flow", exclude("flow")],
  }),
  ...refusals("resource-region", {
    "an IoT Hub in North Europe": edit("terminals-hub", "location", "northeurope"),
    "an IoT Hub in Norway East": edit("terminals-hub", "location", "norwayeast"),
    "a storage account in Sweden Central": edit("files-account", "location", "swedencentral"),
    "an API Management service in West Europe": edit("flow-service", "location", "westeurope"),
    "an API Management service with a second region": edit("flow-service", "additionalLocations", [
      { location: "eastus" },
    ]),
    "a resource group in Sweden Central": edit("flow", "location", "swedencentral"),
    "a workspace without a location": edit("observability-workspace", "location", undefined),
    "an action group in West Europe": edit("observability-alerts-people", "location", "westeurope"),
    "a resource of an unlisted type in East US": added("azure-native:keyvault:Vault", { location: "eastus" }),
    "a global resource of an unlisted type": added("azure-native:eventhub:Namespace", { location: "global" }),
  }),
  ...refusals("resource-required-tags", {
    "an IoT Hub without an owner": edit("terminals-hub", "tags.owner", undefined),
    "a resource group without tags": edit("terminals", "tags", undefined),
    "an action group with an empty cost centre": edit("observability-alerts-people", "tags.costCentre", ""),
    "a resource of an unlisted type with the tag owner only": added("azure-native:keyvault:Vault", {
      tags: { owner: "operations" },
    }),
  }),
  ...refusals("resource-name", {
    "a storage account name with a hyphen": edit("files-account", "accountName", "files-dev"),
    "a storage account name of 25 characters": edit("files-account", "accountName", `st${"a".repeat(23)}`),
    "an IoT Hub name without its prefix": edit("terminals-hub", "resourceName", "hub"),
    "an API Management name without its prefix": edit("flow-service", "serviceName", "flow-dev"),
    "a resource group name without its prefix": edit("terminals", "resourceGroupName", "terminals"),
    "a workspace name that is too short": edit("observability-workspace", "workspaceName", "lo"),
    "an action group without a name": edit("observability-alerts-people", "actionGroupName", undefined),
    "an alert name without its prefix": edit("observability-alerts-hub-near-quota", "ruleName", "near-quota"),
  }),
];

export const stackRefusals: Refusal[] = [...typeRefusals, ...propertyRefusals, ...placeRefusals];
