import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import type { Deployed, Engine } from "./provider-client.ts";

/** A small stack with one resource of every type that the sandbox knows. */
export async function deployStack(engines: { native: Engine; azuread: Engine; random: Engine }) {
  const { native, azuread, random } = engines;
  const resources: Deployed[] = [];
  const add = async (engine: Engine, token: string, name: string, inputs: Properties) => {
    const deployed = await engine.create(token, name, inputs);
    resources.push(deployed);
    return deployed;
  };
  const suffix = await add(random, "random:index/randomString:RandomString", "suffix", {
    length: 8,
    special: false,
    upper: false,
  });
  const tail = suffix.outputs.result as string;
  const deploy = (token: string, name: string, inputs: Properties) =>
    add(native, `azure-native:${token}`, name, inputs);
  const group = await deploy("resources:ResourceGroup", "terminals", {
    resourceGroupName: "rg-terminals",
    location: "West Europe",
    tags: { owner: "operations" },
  });
  await deploy("resources:ResourceGroup", "flow", { resourceGroupName: "rg-flow", location: "norwayeast" });
  const inTerminals = { resourceGroupName: "rg-terminals" };
  const inFlow = { resourceGroupName: "rg-flow" };
  const hub = await deploy("iothub:IotHubResource", "hub", {
    ...inTerminals,
    resourceName: `hub-${tail}`,
    sku: { name: "S1", capacity: 1 },
    properties: { disableLocalAuth: true, disableModuleSAS: true, minTlsVersion: "1.2" },
    identity: { type: "SystemAssigned" },
  });
  await deploy("iothub:IotHubResourceEventHubConsumerGroup", "reports", {
    ...inTerminals,
    resourceName: `hub-${tail}`,
    eventHubEndpointName: "events",
    name: "reports",
    properties: { name: "reports" },
  });
  const files = await deploy("storage:StorageAccount", "files", {
    ...inTerminals,
    accountName: `files${tail}`,
    kind: "StorageV2",
    sku: { name: "Standard_ZRS" },
    minimumTlsVersion: "TLS1_2",
    enableHttpsTrafficOnly: true,
    allowBlobPublicAccess: false,
    encryption: { requireInfrastructureEncryption: true, keySource: "Microsoft.Storage" },
    sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "30.00:00:00" },
    keyPolicy: { keyExpirationPeriodInDays: 90 },
  });
  const inFiles = { ...inTerminals, accountName: `files${tail}` };
  await deploy("storage:BlobServiceProperties", "blobs", {
    ...inFiles,
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: true, days: 7 },
    containerDeleteRetentionPolicy: { enabled: true, days: 7 },
  });
  const audit = await deploy("storage:BlobContainer", "audit", { ...inFiles, publicAccess: "None" });
  const immutability = await deploy("storage:BlobContainerImmutabilityPolicy", "immutability", {
    ...inFiles,
    containerName: audit.inputs.containerName as string,
    immutabilityPolicyName: "default",
    immutabilityPeriodSinceCreationInDays: 30,
    allowProtectedAppendWrites: true,
  });
  await deploy("storage:ManagementPolicy", "lifecycle", {
    ...inFiles,
    managementPolicyName: "default",
    policy: {
      rules: [
        {
          name: "delete-after-30-days",
          type: "Lifecycle",
          enabled: true,
          definition: {
            filters: { blobTypes: ["blockBlob"] },
            actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 30 } } },
          },
        },
      ],
    },
  });
  const keys = await deploy("storage:StorageAccount", "keys", {
    ...inFlow,
    accountName: `keys${tail}`,
    kind: "StorageV2",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: false,
  });
  await deploy("storage:TableServiceProperties", "tables", {
    ...inFlow,
    accountName: `keys${tail}`,
    tableServiceName: "default",
  });
  const table = await deploy("storage:Table", "terminalkeys", { ...inFlow, accountName: `keys${tail}` });
  const service = await deploy("apimanagement:ApiManagementService", "gateway", {
    ...inFlow,
    serviceName: `flow-${tail}`,
    publisherEmail: "operations@example.com",
    publisherName: "Example",
    sku: { name: "BasicV2", capacity: 1 },
    identity: { type: "SystemAssigned" },
    developerPortalStatus: "Disabled",
    disableGateway: false,
  });
  const inService = { ...inFlow, serviceName: `flow-${tail}` };
  await deploy("apimanagement:Backend", "flow-backend", {
    ...inService,
    protocol: "http",
    url: "https://flow.example.com",
    tls: { validateCertificateChain: true, validateCertificateName: true },
  });
  await deploy("apimanagement:NamedValue", "region", {
    ...inService,
    displayName: "region",
    value: "norwayeast",
  });
  const api = await deploy("apimanagement:Api", "flow", {
    ...inService,
    apiId: "flow",
    displayName: "Flow",
    path: "flow",
    protocols: ["https"],
    subscriptionRequired: true,
    apiType: "http",
  });
  await deploy("apimanagement:ApiOperation", "employee", {
    ...inService,
    apiId: "flow",
    displayName: "Look an employee up",
    method: "GET",
    urlTemplate: "/v1/employees/{badge}",
    templateParameters: [{ name: "badge", type: "string", required: true }],
  });
  await deploy("apimanagement:ApiPolicy", "policy", {
    ...inService,
    apiId: "flow",
    policyId: "policy",
    format: "rawxml",
    value:
      '<policies><inbound><base /><set-backend-service backend-id="flow-backend" /></inbound>' +
      "<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>",
  });
  await deploy("apimanagement:ApiDiagnostic", "flow-log", {
    ...inService,
    apiId: "flow",
    diagnosticId: "azuremonitor",
    loggerId: `${service.id}/loggers/azuremonitor`,
    sampling: { samplingType: "fixed", percentage: 100 },
  });
  await deploy("apimanagement:Subscription", "customer", {
    ...inService,
    sid: "example-customer",
    displayName: "Example customer",
    scope: "/apis/flow",
    state: "active",
  });
  const workspace = await deploy("operationalinsights:Workspace", "logs", {
    ...inTerminals,
    workspaceName: `logs-${tail}`,
    sku: { name: "PerGB2018" },
    retentionInDays: 30,
  });
  const results = await deploy("applicationinsights:Component", "availability-results", {
    ...inTerminals,
    resourceName: "appi-terminals",
    location: "westeurope",
    kind: "web",
    applicationType: "web",
    ingestionMode: "LogAnalytics",
    workspaceResourceId: workspace.id,
  });
  await deploy("applicationinsights:WebTest", "availability-test", {
    ...inTerminals,
    webTestName: "webtest-flow",
    syntheticMonitorId: "webtest-flow",
    location: "westeurope",
    webTestKind: "standard",
    kind: "standard",
    locations: [{ location: "emea-nl-ams-azr" }],
    request: { requestUrl: "https://example.azure-api.net/flow/health", httpVerb: "GET" },
    tags: { [`hidden-link:${results.id}`]: "Resource" },
  });
  await deploy("monitor:DiagnosticSetting", "hub-logs", {
    name: "to-workspace",
    resourceUri: hub.id,
    workspaceId: workspace.id,
    logs: [{ categoryGroup: "allLogs", enabled: true }],
    metrics: [{ category: "AllMetrics", enabled: true }],
  });
  await deploy("monitor:DiagnosticSetting", "blob-logs", {
    name: "to-workspace",
    resourceUri: `${files.id}/blobServices/default`,
    workspaceId: workspace.id,
    logs: [{ category: "StorageRead", enabled: true }],
  });
  const actionGroup = await deploy("monitor:ActionGroup", "people", {
    ...inTerminals,
    actionGroupName: "people",
    location: "Global",
    enabled: true,
    groupShortName: "people",
    emailReceivers: [{ name: "duty", emailAddress: "duty@example.com", useCommonAlertSchema: true }],
  });
  await deploy("monitor:MetricAlert", "throttled", {
    ...inTerminals,
    ruleName: "throttled",
    location: "global",
    enabled: true,
    severity: 2,
    evaluationFrequency: "PT5M",
    windowSize: "PT15M",
    scopes: [hub.id],
    actions: [{ actionGroupId: actionGroup.id }],
    criteria: {
      odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
      allOf: [
        {
          criterionType: "StaticThresholdCriterion",
          name: "throttled",
          metricName: "d2c.telemetry.ingress.sendThrottle",
          operator: "GreaterThan",
          threshold: 0,
          timeAggregation: "Total",
        },
      ],
    },
  });
  await deploy("monitor:ScheduledQueryRule", "failed-sign-ins", {
    ...inTerminals,
    ruleName: "failed-sign-ins",
    scopes: [workspace.id],
    severity: 2,
    evaluationFrequency: "PT5M",
    windowSize: "PT15M",
    criteria: {
      allOf: [{ query: "AzureDiagnostics", operator: "GreaterThan", threshold: 5, timeAggregation: "Count" }],
    },
    actions: { actionGroups: [actionGroup.id] },
  });
  const role = await deploy("authorization:RoleDefinition", "operators", {
    roleName: "Example subscriptions operator",
    scope: group.id,
    assignableScopes: [group.id],
    permissions: [{ actions: ["Microsoft.ApiManagement/service/subscriptions/*"], notActions: [] }],
  });
  const application = await add(azuread, "azuread:index/application:Application", "operators", {
    displayName: "Example operators",
  });
  const principal = await add(azuread, "azuread:index/servicePrincipal:ServicePrincipal", "operators", {
    clientId: application.outputs.clientId as string,
  });
  await add(
    azuread,
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
    "ci",
    {
      applicationId: application.id,
      displayName: "ci-deploys",
      audiences: ["api://AzureADTokenExchange"],
      issuer: "https://ci.example.com",
      subject: "repository:example:environment:dev",
    },
  );
  const people = await add(azuread, "azuread:index/group:Group", "people", {
    displayName: "Example operators",
    securityEnabled: true,
  });
  await add(azuread, "azuread:index/groupMember:GroupMember", "ci-member", {
    groupObjectId: people.outputs.objectId as string,
    memberObjectId: principal.outputs.objectId as string,
  });
  await deploy("authorization:RoleAssignment", "gateway-reads-keys", {
    scope: table.id,
    principalId: (service.outputs.identity as { principalId: string }).principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId:
      "/providers/Microsoft.Authorization/roleDefinitions/76199698-9eea-4c19-bc75-cec21354c6b6",
  });
  await deploy("authorization:RoleAssignment", "people-operate", {
    scope: group.id,
    principalId: people.outputs.objectId as string,
    principalType: "Group",
    roleDefinitionId: role.id,
  });
  return {
    resources,
    group,
    hub,
    files,
    audit,
    immutability,
    keys,
    table,
    service,
    api,
    workspace,
    application,
    principal,
    people,
    role,
  };
}
