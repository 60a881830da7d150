import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { AuditLog } from "./components/audit-log.ts";
import { FileStorage } from "./components/file-storage.ts";
import { FlowIngress } from "./components/flow-ingress.ts";
import { ImportStorage } from "./components/import-storage.ts";
import { KeyTable } from "./components/key-table.ts";
import { Names } from "./components/names.ts";
import { Observability } from "./components/observability.ts";
import { omitVersionedAliases } from "./components/omit-versioned-aliases.ts";
import { Operators } from "./components/operators.ts";
import { TerminalHub } from "./components/terminal-hub.ts";
import { readStackSettings } from "./settings/stack.ts";

const settings = readStackSettings();
const client = getClientConfigOutput();
const { subscriptionId: subscription } = client;
const tags = { ...settings.tags, environment: settings.environment, application: pulumi.getProject() };
const options = { transformations: [omitVersionedAliases] };
// Applied to resources that cannot be recreated without data loss or new names.
const protectedOptions = { ...options, protect: settings.protect };
const names = new Names("names", { environment: settings.environment }, protectedOptions);

// West Europe: the IoT Hub, the files, the audit log and the logs.
const terminals = new ResourceGroup(
  "terminals",
  { resourceGroupName: names.of("resourceGroup", "terminals"), location: settings.hubRegion, tags },
  protectedOptions,
);
const files = new FileStorage(
  "files",
  {
    resourceGroupName: terminals.name,
    location: settings.hubRegion,
    accountName: names.of("storageAccount", "files"),
    recoveryDays: settings.fileRecoveryDays,
    geoReplication: settings.filesGeoReplicationReason
      ? { reason: settings.filesGeoReplicationReason }
      : undefined,
    tags,
  },
  protectedOptions,
);
// Not protected: its blobs are of use only during an import.
const imports = new ImportStorage(
  "imports",
  {
    resourceGroupName: terminals.name,
    location: settings.hubRegion,
    accountName: names.of("storageAccount", "imports"),
    tags,
  },
  options,
);
const audit = new AuditLog(
  "audit",
  {
    resourceGroupName: terminals.name,
    location: settings.hubRegion,
    accountName: names.of("storageAccount", "audit"),
    retentionDays: settings.auditRetentionDays,
    tags,
  },
  protectedOptions,
);
const hub = new TerminalHub(
  "terminals",
  {
    resourceGroupName: terminals.name,
    location: settings.hubRegion,
    hubName: names.of("iotHub", "terminals"),
    sku: settings.hubSku,
    units: settings.hubUnits,
    allowedOutboundHosts: [imports.blobEndpoint.apply((endpoint) => new URL(endpoint).host)],
    tags,
  },
  protectedOptions,
);

// Norway East: the gateway of the Flow API, and the table of key hashes that it reads.
const flow = new ResourceGroup(
  "flow",
  { resourceGroupName: names.of("resourceGroup", "flow"), location: settings.flowRegion, tags },
  protectedOptions,
);
const keyTable = new KeyTable(
  "flow-keys",
  {
    resourceGroupName: flow.name,
    location: settings.flowRegion,
    accountName: names.of("storageAccount", "flowkeys"),
    tags,
  },
  protectedOptions,
);
const ingress = new FlowIngress(
  "flow",
  {
    resourceGroupName: flow.name,
    location: settings.flowRegion,
    serviceName: names.of("apiManagement", "flow"),
    sku: settings.flowSku,
    units: settings.flowUnits,
    publisher: { name: settings.publisherName, email: settings.publisherEmail },
    backendUrl: settings.flowApiUrl,
    backendAudience: settings.flowApiAudience,
    definition: settings.flowApiDefinition,
    callsPerMinute: settings.flowCallsPerMinute,
    keyTable: { id: keyTable.tableId, endpoint: keyTable.tableEndpoint, name: keyTable.tableName },
    subscriptionId: subscription,
    tags,
  },
  protectedOptions,
);

const operators = new Operators(
  "operators",
  {
    groupName: settings.operatorsGroup,
    applicationName: names.of("application", "terminal-operators"),
    ciFederations: settings.ciFederations,
    flowKeysRoleName: names.of("role", "flow-keys-operator"),
    auditRoleName: names.of("role", "audit-recorder"),
    importRoleName: names.of("role", "terminal-importer"),
    subscriptionId: subscription,
    flowResourceGroupId: flow.id,
    terminalsResourceGroupId: terminals.id,
    hubId: hub.hubId,
    filesAccountId: files.accountId,
    importsAccountId: imports.accountId,
    auditContainerId: audit.containerId,
    keyTableId: keyTable.tableId,
    flowServiceId: ingress.serviceId,
  },
  protectedOptions,
);

new Observability(
  "observability",
  {
    resourceGroupName: terminals.name,
    location: settings.hubRegion,
    workspaceName: names.of("logWorkspace", "terminals"),
    actionGroupName: names.of("actionGroup", "terminals"),
    availabilityResultsName: names.of("applicationInsights", "terminals"),
    availabilityTestName: names.of("availabilityTest", "flow"),
    alertName: (purpose) => names.of("alertRule", purpose),
    retentionDays: settings.logRetentionDays,
    alertEmails: settings.alertEmails,
    hub: { id: hub.hubId, sku: settings.hubSku, units: settings.hubUnits },
    filesAccountId: files.accountId,
    importsAccountId: imports.accountId,
    auditAccountId: audit.accountId,
    keysAccountId: keyTable.accountId,
    flowServiceId: ingress.serviceId,
    flowUrl: ingress.url,
    tags,
  },
  protectedOptions,
);

// The operators' command line reads these outputs. None of them is a secret.
export const environment = settings.environment;
export const tenantId = client.tenantId;
export const subscriptionId = subscription;
export const hubHostName = hub.hostName;
export const hubResourceId = hub.hubId;
export const hubRegion = settings.hubRegion;
export const filesAccountResourceId = files.accountId;
export const filesBlobEndpoint = files.blobEndpoint;
export const fileRecoveryDays = settings.fileRecoveryDays;
export const isFilesGeoReplicated = settings.filesGeoReplicationReason !== undefined;
export const importsAccountResourceId = imports.accountId;
export const importsBlobEndpoint = imports.blobEndpoint;
export const auditContainerUrl = audit.containerUrl;
export const flowUrl = ingress.url;
export const flowRegion = settings.flowRegion;
export const flowApiResourceId = ingress.apiId;
export const flowKeysTableEndpoint = keyTable.tableEndpoint;
export const flowKeysTableName = keyTable.tableName;
export const operatorsGroupName = operators.groupName;
export const operatorsApplicationClientId = operators.applicationClientId;
export const logRetentionDays = settings.logRetentionDays;
export const supportContact = settings.supportContact;
