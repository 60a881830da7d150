import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DeviceRow, DeviceTable } from "../registry/device-table.ts";
import { checkNetwork } from "../service/authorization.ts";
import { isSignedBy, parseSasToken } from "./sas-token.ts";

/**
 * Checks a device's token: made for this device at this hub, not expired, signed with its primary or secondary key.
 * @returns The device, and when the token ends, in milliseconds.
 * @throws HubError IotHubUnauthorized with the reason, IotHubUnauthorizedAccess when the hub is closed to the
 *   internet, or DeviceDisabled. The messages are those of
 *   "Troubleshoot Azure IoT Hub error codes"; none holds the token or a part of it.
 */
export function authenticateDevice(
  azure: AzureEnvironment,
  devices: DeviceTable,
  hub: Hub,
  deviceId: string,
  token: string | undefined,
): { device: DeviceRow; expires: number } {
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
  const valid =
    sas !== undefined &&
    hub.deviceSas &&
    // A hub's policy could sign for its devices too; this platform has none (disableLocalAuth).
    sas.policy === undefined &&
    isFor(sas.resource, hub, deviceId) &&
    sas.expires > azure.clock.now() &&
    isSignedBy(sas, [device.primaryKey, device.secondaryKey]);
  if (!valid) {
    throw new HubError(
      "IotHubUnauthorized",
      "Authentication failed for this device, renew token or certificate and reconnect",
    );
  }
  if (device.status === "disabled") throw new HubError("DeviceDisabled", `Device ${deviceId} is disabled`);
  return { device, expires: sas.expires };
}

/** host/devices/id, also with the /api-version=… that older tools add; the host compares without regard to case. */
function isFor(resource: string, hub: Hub, deviceId: string): boolean {
  const slash = resource.indexOf("/");
  if (resource.slice(0, slash).toLowerCase() !== hub.host) return false;
  const path = resource.slice(slash);
  return path === `/devices/${deviceId}` || path.startsWith(`/devices/${deviceId}/api-version=`);
}
