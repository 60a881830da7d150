/** Type tokens of what the pack judges. */
export const types = {
  stack: "pulumi:pulumi:Stack",
  resourceGroup: "azure-native:resources:ResourceGroup",
  hub: "azure-native:iothub:IotHubResource",
  storageAccount: "azure-native:storage:StorageAccount",
  blobService: "azure-native:storage:BlobServiceProperties",
  container: "azure-native:storage:BlobContainer",
  immutability: "azure-native:storage:BlobContainerImmutabilityPolicy",
  lifecycle: "azure-native:storage:ManagementPolicy",
  table: "azure-native:storage:Table",
  gateway: "azure-native:apimanagement:ApiManagementService",
  api: "azure-native:apimanagement:Api",
  apiOperation: "azure-native:apimanagement:ApiOperation",
  apiPolicy: "azure-native:apimanagement:ApiPolicy",
  backend: "azure-native:apimanagement:Backend",
  workspace: "azure-native:operationalinsights:Workspace",
  diagnostics: "azure-native:monitor:DiagnosticSetting",
  metricAlert: "azure-native:monitor:MetricAlert",
  logAlert: "azure-native:monitor:ScheduledQueryRule",
  actionGroup: "azure-native:monitor:ActionGroup",
  roleAssignment: "azure-native:authorization:RoleAssignment",
  roleDefinition: "azure-native:authorization:RoleDefinition",
  group: "azuread:index/group:Group",
  groupMember: "azuread:index/groupMember:GroupMember",
  application: "azuread:index/application:Application",
  servicePrincipal: "azuread:index/servicePrincipal:ServicePrincipal",
  federation: "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
  randomString: "random:index/randomString:RandomString",
} as const;

/** Whether a type is one of azure-native's, under its name without a version. */
export const isAzure = (type: string): boolean => type.startsWith("azure-native:");

/** Whether a type is the stack or one of the program's own components: it has outputs instead of settings. */
export const isOwn = (type: string): boolean => type === types.stack || type.startsWith("terminal-fleet:");

/**
 * The name that a type has without an API version. azure-native offers other versions as packages that are made
 * on the spot, which name the same type azure-native_storage_v20240101:storage:StorageAccount, and in their first
 * form azure-native_storage_v20240101:storage/v20240101:StorageAccount (pulumi-azure-native, parameterization). Each
 * package has a provider of its own, pulumi:providers:azure-native_storage_v20240101.
 */
export function unversioned(type: string): string {
  return type
    .replace(/^(pulumi:providers:)?azure-native_[a-z0-9]+_v\d{8}[a-z]*(?=:|$)/, "$1azure-native")
    .replace(/^(azure-native:[a-z0-9]+)\/v\d{8}[a-z]*:/, "$1:");
}
