import * as pulumi from "@pulumi/pulumi";

/** A resource as the program asked for it. */
export interface Asked {
  type: string;
  name: string;
  urn: string;
  inputs: Record<string, unknown>;
  /** Whether Pulumi would refuse to delete it. */
  protect: boolean;
  /** URNs of the resources that an input is made from, by input. */
  dependencies: Record<string, string[]>;
  id: string;
}

export const subscriptionId = "00000000-0000-0000-0000-000000000001";
export const tenantId = "00000000-0000-0000-0000-000000000002";
const subscription = `/subscriptions/${subscriptionId}`;

/** Resource IDs as Azure gives them, for the types whose IDs end up in other resources. */
const ids: Record<string, (inputs: Record<string, unknown>) => string> = {
  ResourceGroup: ({ resourceGroupName }) => `${subscription}/resourceGroups/${resourceGroupName}`,
  IotHubResource: inGroup("Microsoft.Devices/IotHubs", "resourceName"),
  StorageAccount: inGroup("Microsoft.Storage/storageAccounts", "accountName"),
  BlobContainer: (inputs) =>
    `${inGroup("Microsoft.Storage/storageAccounts", "accountName")(inputs)}/blobServices/default/containers/${inputs.containerName}`,
  Workspace: inGroup("Microsoft.OperationalInsights/workspaces", "workspaceName"),
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

/** What Azure adds to what was asked, for the types whose answers end up in other resources or outputs. */
const answers: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>> = {
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

/** Runs `program` against recorded answers in place of Azure; returns what it asked for, components included. */
export async function deploy<Result>(
  program: () => Result | Promise<Result>,
  stack = "dev",
): Promise<{ asked: Asked[]; result: Result }> {
  const asked: Asked[] = [];
  const inputsOf = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        const kind = type.split(":").pop() ?? "";
        const id = custom ? (ids[kind]?.(inputs) ?? `${name}-id`) : "";
        inputsOf.set(`${type} ${name}`, inputs);
        return { id, state: { ...inputs, ...answers[kind]?.(inputs) } };
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
  record((request, response) => {
    const [type, name] = [request.getType(), request.getName()];
    const dependencies: Asked["dependencies"] = {};
    request.getPropertydependenciesMap().forEach((from: Message, input: string) => {
      dependencies[input] = from.getUrnsList();
    });
    asked.push({
      type,
      name,
      urn: response.getUrn(),
      inputs: inputsOf.get(`${type} ${name}`) ?? {},
      protect: request.getProtect(),
      dependencies,
      id: response.getId(),
    });
  });
  const result = await program();
  await pulumi.runtime.disconnect();
  return { asked, result };
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Message = any;

/** Shows each request to register a resource, and its answer: the mocks alone do not tell of options. */
function record(show: (request: Message, response: Message) => void): void {
  const monitor = pulumi.runtime.getMonitor() as Message;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: Message, answer: (error: unknown, response: Message) => void) =>
    register(request, (error: unknown, response: Message) => {
      if (!error) show(request, response);
      answer(error, response);
    });
}

/** The one resource with this name and, where names repeat, this type. */
export function find(asked: Asked[], name: string, type?: string): Asked {
  const found = asked.filter((each) => each.name === name && (!type || each.type === type));
  if (found.length !== 1) throw new Error(`${found.length} resources are called ${name}.`);
  return found[0]!;
}

/** How many of each type were asked for, by type. */
export function counts(asked: Asked[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { type } of asked) result[type] = (result[type] ?? 0) + 1;
  return result;
}

/** The value of an output. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
