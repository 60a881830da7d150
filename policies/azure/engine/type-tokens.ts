/** Type tokens of the resources that the rules check. */
export const types = {
  stack: "pulumi:pulumi:Stack",
  resourceGroup: "azure-native:resources:ResourceGroup",
  iotHub: "azure-native:iothub:IotHubResource",
  storageAccount: "azure-native:storage:StorageAccount",
  blobService: "azure-native:storage:BlobServiceProperties",
  blobContainer: "azure-native:storage:BlobContainer",
  immutabilityPolicy: "azure-native:storage:BlobContainerImmutabilityPolicy",
  lifecyclePolicy: "azure-native:storage:ManagementPolicy",
  table: "azure-native:storage:Table",
  apiManagement: "azure-native:apimanagement:ApiManagementService",
  api: "azure-native:apimanagement:Api",
  apiOperation: "azure-native:apimanagement:ApiOperation",
  apiPolicy: "azure-native:apimanagement:ApiPolicy",
  apiDiagnostic: "azure-native:apimanagement:ApiDiagnostic",
  backend: "azure-native:apimanagement:Backend",
  namedValue: "azure-native:apimanagement:NamedValue",
  workspace: "azure-native:operationalinsights:Workspace",
  diagnosticSetting: "azure-native:monitor:DiagnosticSetting",
  insightsComponent: "azure-native:applicationinsights:Component",
  availabilityTest: "azure-native:applicationinsights:WebTest",
  metricAlert: "azure-native:monitor:MetricAlert",
  logAlert: "azure-native:monitor:ScheduledQueryRule",
  actionGroup: "azure-native:monitor:ActionGroup",
  roleAssignment: "azure-native:authorization:RoleAssignment",
  roleDefinition: "azure-native:authorization:RoleDefinition",
  group: "azuread:index/group:Group",
  groupMember: "azuread:index/groupMember:GroupMember",
  application: "azuread:index/application:Application",
  servicePrincipal: "azuread:index/servicePrincipal:ServicePrincipal",
  federatedCredential:
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
  randomString: "random:index/randomString:RandomString",
} as const;

/** The last part of a type token, such as StorageAccount. */
export const shortName = (type: string): string => type.split(":").at(-1)!;

/** Whether a type, without its version, belongs to a provider whose every resource has a property. */
export const isProviderType = (type: string): boolean => isAzureType(type) || type.startsWith("azuread:");

/** Whether a type, without its version, belongs to azure-native. */
export const isAzureType = (type: string): boolean => type.startsWith("azure-native:");

/** Whether a type is one of the program's own components. */
export const isComponentType = (type: string): boolean => type.startsWith("terminal-fleet:");

/** Whether a type is the stack or one of the program's own components: these have outputs instead of inputs. */
export const isProgramType = (type: string): boolean => type === types.stack || isComponentType(type);

/**
 * Removes the API version from a type token. azure-native offers other API versions as generated packages. They name
 * the same type azure-native_storage_v20240101:storage:StorageAccount, and at first
 * azure-native_storage_v20240101:storage/v20240101:StorageAccount (pulumi-azure-native, parameterization). Each package
 * has its own provider, pulumi:providers:azure-native_storage_v20240101.
 */
export function withoutVersion(type: string): string {
  return type
    .replace(/^(pulumi:providers:)?azure-native_[a-z0-9]+_v\d{8}[a-z]*(?=:|$)/, "$1azure-native")
    .replace(/^(azure-native:[a-z0-9]+)\/v\d{8}[a-z]*:/, "$1:");
}
