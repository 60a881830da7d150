import * as pulumi from "@pulumi/pulumi";

/** A resource that the program declares. */
export interface DeclaredResource {
  type: string;
  name: string;
  urn: string;
  inputs: Record<string, unknown>;
  /** What Azure returns: the inputs, and what it adds. */
  outputs: Record<string, unknown>;
  /** Whether Pulumi would refuse to delete it. */
  protect: boolean;
  /** URN of the resource with which it is deleted; empty for none. */
  deletedWith: string;
  /** Types of its aliases. */
  aliases: string[];
  /** URNs of the resources that an input depends on, by input. */
  dependencies: Record<string, string[]>;
  /** Names of the resources that must be created before, by an input or an option. */
  createdAfter: string[];
  id: string;
}

export const subscriptionId = "00000000-0000-0000-0000-000000000001";
export const tenantId = "00000000-0000-0000-0000-000000000002";
const subscription = `/subscriptions/${subscriptionId}`;

/** The ID that Azure gives a resource, for the types whose IDs are inputs of other resources. */
const resourceIds: Record<string, (inputs: Record<string, unknown>) => string> = {
  ResourceGroup: ({ resourceGroupName }) => `${subscription}/resourceGroups/${resourceGroupName}`,
  IotHubResource: inGroup("Microsoft.Devices/IotHubs", "resourceName"),
  StorageAccount: inGroup("Microsoft.Storage/storageAccounts", "accountName"),
  BlobContainer: (inputs) =>
    `${inGroup("Microsoft.Storage/storageAccounts", "accountName")(inputs)}/blobServices/default/containers/${inputs.containerName}`,
  Workspace: inGroup("Microsoft.OperationalInsights/workspaces", "workspaceName"),
  Component: inGroup("Microsoft.Insights/components", "resourceName"),
  WebTest: inGroup("Microsoft.Insights/webtests", "webTestName"),
  ActionGroup: inGroup("Microsoft.Insights/actionGroups", "actionGroupName"),
  ApiManagementService: inGroup("Microsoft.ApiManagement/service", "serviceName"),
  Api: (inputs) =>
    `${inGroup("Microsoft.ApiManagement/service", "serviceName")(inputs)}/apis/${inputs.apiId}`,
  Table: (inputs) =>
    `${inGroup("Microsoft.Storage/storageAccounts", "accountName")(inputs)}/tableServices/default/tables/${inputs.tableName}`,
};

function inGroup(type: string, nameInput: string) {
  return (inputs: Record<string, unknown>) =>
    `${subscription}/resourceGroups/${inputs.resourceGroupName}/providers/${type}/${inputs[nameInput]}`;
}

/** The outputs that Azure adds to the inputs, for the types whose outputs are used. */
const azureOutputs: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>> = {
  RandomString: () => ({ result: "abc123" }),
  ResourceGroup: ({ resourceGroupName }) => ({ name: resourceGroupName }),
  IotHubResource: ({ resourceName, properties }) => ({
    name: resourceName,
    properties: { ...(properties as object), hostName: `${resourceName}.azure-devices.net` },
  }),
  StorageAccount: ({ accountName }) => ({
    name: accountName,
    primaryEndpoints: {
      blob: `https://${accountName}.blob.core.windows.net/`,
      table: `https://${accountName}.table.core.windows.net/`,
    },
  }),
  Table: ({ tableName }) => ({ name: tableName }),
  BlobContainer: ({ containerName }) => ({ name: containerName }),
  ApiManagementService: ({ serviceName, identity }) => ({
    name: serviceName,
    gatewayUrl: `https://${serviceName}.azure-api.net`,
    identity: { ...(identity as object), principalId: "gateway-object-id" },
  }),
  Api: ({ apiId }) => ({ name: apiId }),
  Backend: ({ backendId }) => ({ name: backendId }),
  RoleDefinition: ({ roleDefinitionId }) => ({ name: roleDefinitionId }),
  Group: () => ({ objectId: "group-object-id" }),
  Application: () => ({ clientId: "application-client-id", objectId: "application-object-id" }),
  ServicePrincipal: () => ({ objectId: "service-principal-object-id" }),
};

/** Runs `program` with mocks in place of the engine and Azure. Returns the declared resources, components included. */
export async function deploy<Result>(
  program: () => Result | Promise<Result>,
  stack = "dev",
): Promise<{ resources: DeclaredResource[]; result: Result }> {
  const resources: DeclaredResource[] = [];
  const inputsOf = new Map<string, Record<string, unknown>>();
  const outputsOf = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        const kind = type.split(":").pop() ?? "";
        const id = custom ? (resourceIds[kind]?.(inputs) ?? `${name}-id`) : "";
        const state = { ...inputs, ...azureOutputs[kind]?.(inputs) };
        inputsOf.set(`${type} ${name}`, inputs);
        outputsOf.set(`${type} ${name}`, state);
        return { id, state };
      },
      call: ({ token, inputs }) => {
        if (token !== "azure-native:authorization:getClientConfig")
          throw new Error(`Unexpected call ${token}`);
        return { ...inputs, tenantId, subscriptionId, clientId: "client-id", objectId: "deployer-object-id" };
      },
    },
    "terminal-fleet",
    stack,
  );
  observeRegistrations((request, response) => {
    const [type, name] = [request.getType(), request.getName()];
    const dependencies: DeclaredResource["dependencies"] = {};
    request.getPropertydependenciesMap().forEach((dependency: Message, input: string) => {
      dependencies[input] = dependency.getUrnsList();
    });
    const aliases = request.getAliasesList().map((alias: Message) => alias.getSpec()?.getType() ?? "");
    resources.push({
      type,
      name,
      urn: response.getUrn(),
      inputs: inputsOf.get(`${type} ${name}`) ?? {},
      outputs: outputsOf.get(`${type} ${name}`) ?? {},
      protect: request.getProtect(),
      deletedWith: request.getDeletedwith(),
      aliases,
      dependencies,
      createdAfter: request.getDependenciesList().map((each: string) => each.split("::").pop()),
      id: response.getId(),
    });
  });
  const result = await program();
  await pulumi.runtime.disconnect();
  return { resources, result };
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Message = any;

/** Calls `observe` with each registration of a resource and its response. Mocks do not receive resource options. */
function observeRegistrations(observe: (request: Message, response: Message) => void): void {
  const monitor = pulumi.runtime.getMonitor() as Message;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: Message, callback: (error: unknown, response: Message) => void) =>
    register(request, (error: unknown, response: Message) => {
      if (!error) observe(request, response);
      callback(error, response);
    });
}

/** The only resource with this name and, where two types have the name, this type. */
export function find(resources: DeclaredResource[], name: string, type?: string): DeclaredResource {
  const found = resources.filter((each) => each.name === name && (!type || each.type === type));
  if (found.length !== 1) throw new Error(`${found.length} resources have the name ${name}.`);
  return found[0]!;
}

/** The number of resources of each type. */
export function countTypes(resources: DeclaredResource[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { type } of resources) result[type] = (result[type] ?? 0) + 1;
  return result;
}

/** Resolves to the value of an output. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
