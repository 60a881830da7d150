import { add, both, leaveOut, type Refused, set } from "../changes.ts";

/** What may be declared at all, where, under which name and with which tags. */
export const placeCases: Refused[] = [
  ["known-resource-types-only", "added", add("azure-native:keyvault:Vault", { location: "westeurope" })],
  ["known-resource-types-only", "added", add("azure-native:storage:Queue")],
  ["known-resource-types-only", "added", add("azure-native_network_v20240301:network:PublicIPAddress")],
  [
    "known-resource-types-only",
    "added",
    add("azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"),
  ],
  ["known-resource-types-only", "added", add("pulumi:providers:aws")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:resources:Deployment")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:resources:DeploymentAtSubscriptionScope")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:resources:DeploymentStackAtResourceGroup")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:resources:AzureCliScript")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:resources:Resource")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:storage:StorageAccountStaticWebsite")],
  [
    "nothing-goes-around-the-rules",
    "added",
    add("azure-native_storage_v20230101:storage:StorageAccountStaticWebsite"),
  ],
  ["nothing-goes-around-the-rules", "added", add("azure-native:storage:ObjectReplicationPolicy")],
  ["nothing-goes-around-the-rules", "added", add("azure-native:storage:Blob")],
  ["nothing-goes-around-the-rules", "added", add("pulumi-nodejs:dynamic:Resource")],
  ["nothing-goes-around-the-rules", "added", add("command:local:Command")],

  // Another door, another place, another owner.
  ...(
    [
      ["terminals-hub", "properties.routing.endpoints.eventHubs", [{ endpointUri: "sb://elsewhere" }]],
      ["terminals-hub", "properties.ipFilterRules", [{ action: "Reject", ipMask: "0.0.0.0/0" }]],
      ["terminals-hub", "properties.enableFileUploadNotifications", true],
      ["files-account", "isHnsEnabled", true],
      ["files-account", "encryption.keyVaultProperties", { keyVaultUri: "https://others.vault.azure.net" }],
      ["files-account", "extendedLocation", { name: "losangeles", type: "EdgeZone" }],
      ["files-account", "azureFilesIdentityBasedAuthentication", { directoryServiceOptions: "AADKERB" }],
      ["audit-blobs", "deleteRetentionPolicy.allowPermanentDelete", true],
      ["audit-container", "immutableStorageWithVersioning", { enabled: true }],
      [
        "files-lifecycle",
        "policy.rules.0.definition.actions.baseBlob.tierToArchive",
        { daysAfterModificationGreaterThan: 0 },
      ],
      ["flow-service", "disableGateway", true],
      ["flow-service", "certificates", [{ storeName: "Root" }]],
      ["flow-api", "sourceApiId", "/apis/others"],
      ["flow-api", "value", "https://example.com/openapi.json"],
      ["flow-api", "apiType", "websocket"],
      ["flow-backend", "proxy", { url: "http://proxy.example.com" }],
      ["flow-backend", "pool", { services: [{ id: "/backends/others" }] }],
      ["observability-workspace", "workspaceCapping.dailyQuotaGb", 0.03],
      ["observability-workspace", "features.immediatePurgeDataOn30Days", true],
      ["observability-workspace", "defaultDataCollectionRuleResourceId", "/dataCollectionRules/none"],
      ["operators-group", "owners", ["somebody"]],
      ["operators-group", "dynamicMembership", { enabled: true, rule: 'user.department -eq "Sales"' }],
      ["operators-application", "owners", ["somebody"]],
      ["operators-application", "requiredResourceAccesses", [{ resourceAppId: "graph" }]],
      ["operators-service-principal", "owners", ["somebody"]],
    ] as const
  ).map(([name, path, value]): Refused => ["known-properties-only", name, set(name, path, value)]),

  ["whole-stack-first", "flow", leaveOut("flow")],

  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "northeurope")],
  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "norwayeast")],
  ["allowed-regions", "files-account", set("files-account", "location", "swedencentral")],
  ["allowed-regions", "flow-service", set("flow-service", "location", "westeurope")],
  ["allowed-regions", "flow-service", set("flow-service", "additionalLocations", [{ location: "eastus" }])],
  ["allowed-regions", "flow", set("flow", "location", "swedencentral")],
  ["allowed-regions", "observability-workspace", set("observability-workspace", "location", undefined)],
  [
    "allowed-regions",
    "observability-alerts-people",
    set("observability-alerts-people", "location", "westeurope"),
  ],
  ["allowed-regions", "added", add("azure-native:keyvault:Vault", { location: "eastus" })],
  ["allowed-regions", "added", add("azure-native:eventhub:Namespace", { location: "global" })],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_GZRS")],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_RAGZRS")],
  [
    "no-copy-in-another-region",
    "files-account",
    both(
      set("files-account", "sku.name", "Standard_GZRS"),
      set("files-account", "tags.geoReplicationReason", "because"),
    ),
  ],
  [
    "no-copy-in-another-region",
    "observability-workspace",
    set("observability-workspace", "replication", { enabled: true, location: "northeurope" }),
  ],
  ["zone-redundant", "flow-keys-account", set("flow-keys-account", "sku.name", "Standard_LRS")],

  ["required-tags", "terminals-hub", set("terminals-hub", "tags.owner", undefined)],
  ["required-tags", "terminals", set("terminals", "tags", undefined)],
  ["required-tags", "observability-alerts-people", set("observability-alerts-people", "tags.costCentre", "")],
  ["required-tags", "added", add("azure-native:keyvault:Vault", { tags: { owner: "somebody" } })],

  ["names-say-what-it-is", "files-account", set("files-account", "accountName", "files-dev")],
  ["names-say-what-it-is", "files-account", set("files-account", "accountName", `st${"a".repeat(23)}`)],
  ["names-say-what-it-is", "terminals-hub", set("terminals-hub", "resourceName", "hub")],
  ["names-say-what-it-is", "flow-service", set("flow-service", "serviceName", "flow-dev")],
  ["names-say-what-it-is", "terminals", set("terminals", "resourceGroupName", "terminals")],
  ["names-say-what-it-is", "observability-workspace", set("observability-workspace", "workspaceName", "lo")],
  [
    "names-say-what-it-is",
    "observability-alerts-people",
    set("observability-alerts-people", "actionGroupName", undefined),
  ],
  [
    "names-say-what-it-is",
    "observability-alerts-hub-near-quota",
    set("observability-alerts-hub-near-quota", "ruleName", "near-quota"),
  ],
];
