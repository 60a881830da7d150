import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DeviceRow, DeviceTable } from "../registry/device-table.ts";
import { checkNetwork } from "../service/authorization.ts";
import { hasRight, policyOfToken } from "../service/policy-token.ts";
import { isSignedBy, parseSasToken, type SasToken } from "./sas-token.ts";

/** A device whose token was accepted. */
export interface SignedIn {
  device: DeviceRow;
  /** When the token expires, in milliseconds since 1970. */
  expires: number;
  /** Whether a key of the device or one of the hub has signed the token. */
  authScope: "device" | "hub";
}

/**
 * Checks a device SAS: it must be for this device at this hub, not expired, and signed with the device's primary or
 * secondary key, or with a key of a shared access policy that has DeviceConnect.
 * @throws HubError IotHubUnauthorized, IotHubUnauthorizedAccess when public network access is disabled, DeviceDisabled.
 *   The messages are those of "Troubleshoot Azure IoT Hub error codes". None contains the token or a part of it.
 */
export function authenticateDevice(
  azure: AzureEnvironment,
  devices: DeviceTable,
  hub: Hub,
  deviceId: string,
  token: string | undefined,
): SignedIn {
  checkNetwork(hub);
  if (!token) throw new HubError("IotHubUnauthorized", "Authorization header missing");
  const device = devices.get(hub.key, deviceId);
  if (!device) {
    throw new HubError(
      "IotHubUnauthorized",
      `IotHub '${hub.name}' does not contain the specified device '${deviceId}'`,
    );
  }
  const sas = parseSasToken(token);
  if (!sas || !isSignedFor(azure, hub, device, sas)) {
    throw new HubError(
      "IotHubUnauthorized",
      "Authentication failed for this device, renew token or certificate and reconnect",
    );
  }
  if (device.status === "disabled") throw new HubError("DeviceDisabled", `Device ${deviceId} is disabled`);
  return { device, expires: sas.expires, authScope: sas.policy === undefined ? "device" : "hub" };
}

/**
 * Whether a token lets a device connect. disableDeviceSAS refuses keys of devices only, and disableLocalAuth those of the
 * hub only: REST reference of IoT Hub. Source for policies: "Control access to IoT Hub with shared access signatures",
 * "Create a token service to integrate existing devices".
 */
function isSignedFor(azure: AzureEnvironment, hub: Hub, device: DeviceRow, sas: SasToken): boolean {
  if (sas.policy !== undefined) {
    const policy = policyOfToken(azure, hub, sas, `/devices/${device.id}`);
    return policy !== undefined && hasRight(policy, "DeviceConnect");
  }
  return (
    hub.deviceSas &&
    isFor(sas.resource, hub, device.id) &&
    sas.expires > azure.clock.now() &&
    isSignedBy(sas, [device.primaryKey, device.secondaryKey])
  );
}

/** Accepts host/devices/id, also followed by the /api-version=… of older tools. The host's case does not matter. */
function isFor(resource: string, hub: Hub, deviceId: string): boolean {
  const slash = resource.indexOf("/");
  if (resource.slice(0, slash).toLowerCase() !== hub.host) return false;
  const path = resource.slice(slash);
  return path === `/devices/${deviceId}` || path.startsWith(`/devices/${deviceId}/api-version=`);
}
