import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { isSignedBy, type SasToken } from "../device/sas-token.ts";
import type { Hub, SharedAccessPolicy } from "../hub.ts";
import { policyKeys } from "../policy-keys.ts";

/** A permission of a shared access policy. */
export type PolicyRight = "RegistryRead" | "RegistryWrite" | "ServiceConnect" | "DeviceConnect";

/**
 * Finds the shared access policy that has signed a token.
 * @param path What the caller uses, for example /devices/a. The token must be for the hub, or for a prefix of the path in
 *   whole segments. Source: "Control access to IoT Hub with shared access signatures" (iot-hub-dev-guide-sas), token
 *   structure, `resourceURI`.
 * @returns Undefined when the token is not valid, and when the hub has local authentication off. Source: REST reference of
 *   IoT Hub, `disableLocalAuth`: tokens of hub-scoped keys cannot authenticate then.
 */
export function policyOfToken(
  azure: AzureEnvironment,
  hub: Hub,
  token: SasToken,
  path = "",
): SharedAccessPolicy | undefined {
  const policy = hub.policies.find(({ keyName }) => keyName === token.policy);
  if (!policy || !hub.localAuth || token.expires <= azure.clock.now()) return undefined;
  if (!isPrefix(token.resource, hub.host, path)) return undefined;
  const { primaryKey, secondaryKey } = policyKeys(azure.store, hub.resourceId, policy.keyName);
  return isSignedBy(token, [primaryKey, secondaryKey]) ? policy : undefined;
}

/**
 * The same for a token at the built-in endpoint. Clients of Event Hubs sign with the key's text, not with the bytes that it
 * encodes. Source: createToken in core-amqp of the Azure SDK for JavaScript.
 */
export function policyOfEventsToken(
  azure: AzureEnvironment,
  hub: Hub,
  token: SasToken,
): SharedAccessPolicy | undefined {
  const policy = hub.policies.find(({ keyName }) => keyName === token.policy);
  if (!policy || !hub.localAuth) return undefined;
  const { primaryKey, secondaryKey } = policyKeys(azure.store, hub.resourceId, policy.keyName);
  return isSignedBy(token, [primaryKey, secondaryKey], "utf8") ? policy : undefined;
}

/**
 * Whether a policy has a right. RegistryWrite includes RegistryRead: iothubowner and registryReadWrite have "RegistryWrite"
 * in Resource Manager, and the documentation of permissions says that they can read and write.
 */
export function hasRight({ rights }: SharedAccessPolicy, right: PolicyRight): boolean {
  const granted = rights.split(",").map((each) => each.trim().toLowerCase());
  if (granted.includes(right.toLowerCase())) return true;
  return right === "RegistryRead" && granted.includes("registrywrite");
}

/** The host's case does not matter; that of device IDs does. */
function isPrefix(resource: string, host: string, path: string): boolean {
  const slash = `${resource}/`.indexOf("/");
  if (resource.slice(0, slash).toLowerCase() !== host) return false;
  const scope = resource.slice(slash).replace(/\/$/, "");
  return `${path}/`.startsWith(`${scope}/`);
}
