import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { TokenError } from "../../../entra-id/tokens.ts";
import { parseSasToken } from "../device/sas-token.ts";
import { HubError } from "../errors.ts";
import type { Hub, SharedAccessPolicy } from "../hub.ts";
import { hasRight, type PolicyRight, policyOfToken } from "./policy-token.ts";

/** The audience of tokens for IoT Hub's service API. */
export const audience = "https://iothubs.azure.net";

/** A data action of IoT Hub without "Microsoft.Devices/IotHubs/". */
export type DataAction =
  | "devices/read"
  | "devices/write"
  | "devices/delete"
  | "twins/read"
  | "twins/write"
  | "directMethods/invoke/action"
  | "cloudToDeviceMessages/send/action"
  | "cloudToDeviceMessages/feedback/action"
  | "cloudToDeviceMessages/queue/purge/action"
  | "statistics/read"
  | "jobs/read"
  | "jobs/write"
  | "jobs/delete";

/**
 * A caller of the service API: a principal of the directory, or a shared access policy of the hub. `expires` is the time
 * at which the token expires, in milliseconds since 1970.
 */
export type ServiceCaller = { expires: number } & ({ objectId: string } | { policy: SharedAccessPolicy });

/** The right of a shared access policy that includes a data action. Source: "Control access with SAS", permissions. */
const rights: Record<DataAction, PolicyRight> = {
  "devices/read": "RegistryRead",
  "devices/write": "RegistryWrite",
  "devices/delete": "RegistryWrite",
  "statistics/read": "RegistryRead",
  "jobs/read": "RegistryRead",
  "jobs/write": "RegistryWrite",
  "jobs/delete": "RegistryWrite",
  "twins/read": "ServiceConnect",
  "twins/write": "ServiceConnect",
  "directMethods/invoke/action": "ServiceConnect",
  "cloudToDeviceMessages/send/action": "ServiceConnect",
  "cloudToDeviceMessages/feedback/action": "ServiceConnect",
  "cloudToDeviceMessages/queue/purge/action": "ServiceConnect",
};

/**
 * Identifies the caller.
 * @param authorization The header's value: a bearer token of Entra ID, or a SAS of a shared access policy.
 * @param path What the caller uses; a SAS can be limited to a prefix of it. Default: the whole hub.
 * @throws HubError IotHubUnauthorized for a bearer token that is not valid. IotHubUnauthorizedAccess for a SAS that is not
 *   valid, and when local authentication or public network access is disabled.
 */
export async function authenticate(
  azure: AzureEnvironment,
  hub: Hub,
  authorization: string | undefined,
  path = "",
): Promise<ServiceCaller> {
  checkNetwork(hub);
  // Azure documents the name for devices only; what it answers to the service side is inferred.
  if (hub.isForDevices) throw unauthorizedAccess();
  if (authorization && /^SharedAccessSignature\b/i.test(authorization)) {
    return policyCaller(azure, hub, authorization, path);
  }
  try {
    return await azure.tokens.verify(authorization, [audience]);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new HubError("IotHubUnauthorized", authorization ? error.message : "Authorization header missing");
  }
}

/**
 * Checks that the caller has the right to all of the actions at the hub.
 * @param operation The operation in the message, for example PUT on /devices/a.
 * @throws HubError IotHubUnauthorized with the message of a live hub. Azure answers 401, not 403, to a missing role.
 */
export function authorize(
  azure: AzureEnvironment,
  hub: Hub,
  caller: ServiceCaller,
  actions: DataAction[],
  operation: string,
): void {
  for (const action of actions) {
    if ("policy" in caller) {
      if (!hasRight(caller.policy, rights[action])) throw unauthorizedAccess();
      continue;
    }
    const name = `Microsoft.Devices/IotHubs/${action}`;
    if (!azure.access.allows(caller.objectId, name, hub.resourceId, "dataAction")) {
      throw new HubError(
        "IotHubUnauthorized",
        `Principal ${caller.objectId} is not authorized for ${operation} due to no assigned permissions`,
      );
    }
  }
}

/**
 * Refuses every caller when public network access is disabled, because the sandbox has no private endpoints. Source:
 * "Managing public network access for Azure IoT Hub", troubleshooting.
 */
export function checkNetwork(hub: Hub): void {
  if (!hub.publicAccess) throw unauthorizedAccess();
}

function policyCaller(azure: AzureEnvironment, hub: Hub, authorization: string, path: string): ServiceCaller {
  const token = parseSasToken(authorization);
  const policy = token && policyOfToken(azure, hub, token, path);
  if (!policy) throw unauthorizedAccess();
  return { policy, expires: token.expires };
}

const unauthorizedAccess = () => new HubError("IotHubUnauthorizedAccess", "Unauthorized");
