/** What is lost with a resource, by its type. */
export interface ResourceMeaning {
  /** What is lost when the resource is deleted or replaced. Absent when nothing is. */
  isLost?: string;
  /** Properties that terminals or pipelines know, with the reason. A change of one changes a known name. */
  knownProperties?: Record<string, string>;
}

const terminalsCall = "terminals call the Flow API at this address";
const pipelinesSignIn = "pipelines sign in with it";
const nothing: ResourceMeaning = {};

/**
 * The types of the program. A type that is missing here counts as one that holds data, so that the first deletion of a
 * new type is a decision.
 */
const meanings: Record<string, ResourceMeaning> = {
  "azure-native:resources:ResourceGroup": { isLost: "everything in the resource group" },
  "azure-native:iothub:IotHubResource": {
    isLost: "all device identities, their keys and the device twins; terminals know its host name",
  },
  "azure-native:storage:StorageAccount": {
    isLost: "all blobs and tables in the account; file links name its host",
  },
  "azure-native:storage:BlobContainer": { isLost: "all blobs in the container" },
  "azure-native:storage:Table": { isLost: "all rows of the table" },
  "azure-native:storage:BlobContainerImmutabilityPolicy": {
    isLost: "the protection of audit records against change and deletion",
  },
  "azure-native:storage:BlobServiceProperties": { isLost: "the time in which deleted blobs can be restored" },
  "azure-native:operationalinsights:Workspace": { isLost: "all logs" },
  "azure-native:apimanagement:ApiManagementService": {
    isLost: "all subscriptions of customers with their keys; terminals know its host name",
  },
  "azure-native:apimanagement:Api": {
    isLost: "the subscriptions of customers that are for this API",
    knownProperties: {
      path: terminalsCall,
      "subscriptionKeyParameterNames.header": "terminals send the subscription key in it",
    },
  },
  "azure-native:apimanagement:ApiOperation": {
    knownProperties: { urlTemplate: terminalsCall, method: terminalsCall },
  },
  "random:index/randomString:RandomString": {
    isLost: "the suffix in the names of the stack's resources, so all of them get new names",
  },
  "azuread:index/group:Group": {
    isLost: "the members of the operators' group",
    knownProperties: { displayName: "administrators find the operators' group by it" },
  },
  "azuread:index/application:Application": { isLost: "the client ID with which pipelines sign in" },
  "azuread:index/servicePrincipal:ServicePrincipal": {
    isLost: "the identity with which pipelines sign in, and its group memberships",
  },
  "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": {
    isLost: "the sign-in of a pipeline",
    knownProperties: { issuer: pipelinesSignIn, subject: pipelinesSignIn },
  },
  "azuread:index/groupMember:GroupMember": nothing,
  "azure-native:storage:ManagementPolicy": nothing,
  "azure-native:apimanagement:ApiPolicy": nothing,
  "azure-native:apimanagement:Backend": nothing,
  "azure-native:apimanagement:ApiDiagnostic": nothing,
  // The results of the availability test are in the workspace.
  "azure-native:applicationinsights:Component": nothing,
  "azure-native:applicationinsights:WebTest": nothing,
  "azure-native:authorization:RoleAssignment": nothing,
  "azure-native:authorization:RoleDefinition": nothing,
  "azure-native:monitor:DiagnosticSetting": nothing,
  "azure-native:monitor:MetricAlert": nothing,
  "azure-native:monitor:ScheduledQueryRule": nothing,
  "azure-native:monitor:ActionGroup": nothing,
};

/** What a type means for terminals, pipelines and data. */
export const meaningOf = (type: string): ResourceMeaning =>
  meanings[type] ?? { isLost: `what a resource of the type ${type} holds, which the judge does not know` };
