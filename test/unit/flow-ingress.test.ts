import { expect, test } from "vitest";
import { FlowIngress, type FlowIngressArgs } from "../../components/flow-ingress.ts";
import { flowPolicy } from "../../components/flow-policy.ts";
import { stableGuid } from "../../components/roles.ts";
import { countTypes, deploy, find, outputValue, subscriptionId } from "./deployment.ts";

const tableId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/tableServices/default/tables/terminalkeys";
const definition = {
  operations: [
    {
      id: "get-employee",
      summary: "An employee",
      method: "GET",
      path: "/employees/{badge}",
      parameters: ["badge"],
    },
    { id: "look-up", summary: "Several employees", method: "POST", path: "/lookups", parameters: [] },
  ],
  maxRequestBytes: 2000,
};
const args: FlowIngressArgs = {
  resourceGroupName: "rg-flow-dev",
  location: "norwayeast",
  serviceName: "apim-flow-dev",
  sku: "BasicV2",
  units: 1,
  publisher: { name: "Example Operator", email: "operations@example.com" },
  backendUrl: "https://flow.example.com",
  backendAudience: "api://flow",
  definition,
  callsPerMinute: 60,
  keyTable: { id: tableId, endpoint: "https://keys.table.core.windows.net/", name: "terminalkeys" },
  subscriptionId,
  tags: { owner: "example" },
};
const inService = { resourceGroupName: "rg-flow-dev", serviceName: "apim-flow-dev" };

test("declares one API Management service with one API, one backend, one policy and the operations of the definition", async () => {
  const { resources, result } = await deploy(() => new FlowIngress("flow", args));
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:FlowIngress": 1,
    "azure-native:apimanagement:ApiManagementService": 1,
    "azure-native:apimanagement:Backend": 1,
    "azure-native:apimanagement:Api": 1,
    "azure-native:apimanagement:ApiPolicy": 1,
    "azure-native:apimanagement:ApiOperation": 2,
    "azure-native:apimanagement:ApiDiagnostic": 1,
    "azure-native:authorization:RoleAssignment": 1,
  });
  expect(await outputValue(result.url)).toBe("https://apim-flow-dev.azure-api.net/flow");
  expect(await outputValue(result.apiId)).toMatch(/\/service\/apim-flow-dev\/apis\/flow$/);
  expect(await outputValue(result.serviceId)).toMatch(/\/service\/apim-flow-dev$/);
});

test("declares the service in Norway East with a managed identity and without developer portals", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  expect(find(resources, "flow-service").inputs).toEqual({
    ...inService,
    location: "norwayeast",
    sku: { name: "BasicV2", capacity: 1 },
    publisherName: "Example Operator",
    publisherEmail: "operations@example.com",
    identity: { type: "SystemAssigned" },
    apiVersionConstraint: { minApiVersion: "2021-08-01" },
    publicNetworkAccess: "Enabled",
    developerPortalStatus: "Disabled",
    legacyPortalStatus: "Disabled",
    // Defaults of Azure that the SDK adds.
    disableGateway: false,
    enableClientCertificate: false,
    natGatewayState: "Disabled",
    restore: false,
    virtualNetworkType: "None",
    tags: { owner: "example" },
  });
});

test("assigns the gateway the role to read the key table, and no other role", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  const role = "76199698-9eea-4c19-bc75-cec21354c6b6";
  expect(find(resources, "flow-reads-keys").inputs).toEqual({
    scope: tableId,
    principalId: "gateway-object-id",
    principalType: "ServicePrincipal",
    roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    roleAssignmentName: stableGuid(tableId, "gateway-object-id", role),
    description: "The gateway looks up terminals' Flow keys.",
  });
});

test("requires a subscription key over https, and verifies the certificate of the Flow API", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  expect(find(resources, "flow-api").inputs).toEqual({
    ...inService,
    apiId: "flow",
    path: "flow",
    displayName: "Flow",
    description: "Live lookups for terminals.",
    protocols: ["https"],
    subscriptionRequired: true,
    subscriptionKeyParameterNames: { header: "Ocp-Apim-Subscription-Key", query: "subscription-key" },
  });
  expect(find(resources, "flow-backend").inputs).toEqual({
    ...inService,
    backendId: "flow",
    title: "Flow API",
    description: "Answers the terminals' live lookups.",
    protocol: "http",
    url: "https://flow.example.com",
    tls: { validateCertificateChain: true, validateCertificateName: true },
    circuitBreaker: {
      rules: [
        {
          name: "flow-api-fails",
          failureCondition: { count: 20, interval: "PT1M", statusCodeRanges: [{ min: 500, max: 599 }] },
          tripDuration: "PT15S",
        },
      ],
    },
  });
});

test("declares each operation of the definition, with its path and the parameters in it", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  expect(find(resources, "flow-get-employee").inputs).toEqual({
    ...inService,
    apiId: "flow",
    operationId: "get-employee",
    displayName: "An employee",
    method: "GET",
    urlTemplate: "/employees/{badge}",
    templateParameters: [{ name: "badge", type: "string", required: true }],
  });
  expect(find(resources, "flow-look-up").inputs).toEqual({
    ...inService,
    apiId: "flow",
    operationId: "look-up",
    displayName: "Several employees",
    method: "POST",
    urlTemplate: "/lookups",
    templateParameters: [],
  });
});

// Azure/apiops issues 141 and 379: API Management refuses a change of an API while another one is in progress.
test("creates the API, its policy and its operations one after the other", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  const after = (name: string) => find(resources, name).createdAfter;
  expect(after("flow-policy")).toContain("flow-api");
  expect(after("flow-get-employee")).toContain("flow-policy");
  expect(after("flow-look-up")).toContain("flow-get-employee");
  expect(after("flow-log")).toContain("flow-look-up");
});

test("the gateway's log names the terminal and the customer, and holds no body, query or other header", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  const body = { bytes: 0 };
  const dataMasking = { queryParams: [{ mode: "Hide", value: "*" }] };
  expect(find(resources, "flow-log").inputs).toEqual({
    ...inService,
    apiId: "flow",
    diagnosticId: "azuremonitor",
    loggerId: `${find(resources, "flow-service").id}/loggers/azuremonitor`,
    alwaysLog: "allErrors",
    sampling: { samplingType: "fixed", percentage: 100 },
    verbosity: "information",
    logClientIp: true,
    frontend: {
      request: { headers: ["X-Terminal-Id"], body, dataMasking },
      response: { headers: ["X-Request-Id"], body },
    },
    backend: {
      request: { headers: ["X-Terminal-Id", "X-Customer-Id"], body, dataMasking },
      response: { headers: [], body },
    },
  });
});

test("deploys the API policy that flowPolicy returns", async () => {
  const { resources } = await deploy(() => new FlowIngress("flow", args));
  expect(find(resources, "flow-policy").inputs).toEqual({
    ...inService,
    apiId: "flow",
    policyId: "policy",
    format: "xml",
    value: flowPolicy({
      tableEndpoint: "https://keys.table.core.windows.net/",
      tableName: "terminalkeys",
      backendId: "flow",
      backendAudience: "api://flow",
      callsPerMinute: 60,
      maxRequestBytes: 2000,
    }),
  });
});
