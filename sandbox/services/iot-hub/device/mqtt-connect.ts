import type { IConnectPacket } from "mqtt-packet";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { apiVersions } from "../service/http.ts";
import type { Throttles } from "../throttle.ts";
import type { ConnectionLog } from "./connection-log.ts";
import { authenticateDevice, type SignedIn } from "./device-auth.ts";
import { parseRequest } from "./topics.ts";

/** Return codes of CONNACK that the hub uses (MQTT 3.1.1, 3.2.2.3). */
const refusedVersion = 1;
const refusedUnavailable = 3;
const refusedNotAuthorized = 5;

/** A device that has signed in. */
export interface Admission extends SignedIn {
  /** The ID of its DTDL model; empty without one. */
  modelId: string;
}

export interface ConnectParts {
  azure: AzureEnvironment;
  devices: DeviceTable;
  throttles: Throttles;
  connectionLog: ConnectionLog;
}

/**
 * Checks a CONNECT packet: MQTT 3.1.1, the user name host/device/?api-version=…, the device's ID as client ID, its token
 * as password, and the device's events as topic of a will. Every failed sign-in has the return code 5, as in Azure. The
 * log contains the reason.
 * @returns The device, or the return code of the refusal.
 */
export async function admit(
  parts: ConnectParts,
  hub: Hub,
  packet: IConnectPacket,
): Promise<Admission | number> {
  if (packet.protocolVersion !== 4) return refusedVersion;
  const user = parseUserName(packet.username ?? "");
  try {
    if (!user || user.host !== hub.host || user.deviceId !== packet.clientId) {
      throw new HubError("IotHubUnauthorized", "The user name does not contain this hub and the client ID");
    }
    if (user.apiVersion !== null && !apiVersions.has(user.apiVersion)) {
      throw new HubError("InvalidProtocolVersion", `The api-version ${user.apiVersion} is not supported.`);
    }
    if (packet.will && parseRequest(packet.will.topic, user.deviceId)?.kind !== "telemetry") {
      throw new HubError(
        "ArgumentInvalid",
        `A will must go to the device's events, not to ${packet.will.topic}`,
      );
    }
    const password = packet.password?.toString("utf8");
    const signedIn = authenticateDevice(parts.azure, parts.devices, hub, user.deviceId, password);
    await parts.throttles.acquire(hub, "DeviceConnect");
    return { ...signedIn, modelId: user.modelId };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    parts.connectionLog.refused(hub, packet.clientId, error);
    parts.azure.log(`${hub.host}: refused ${packet.clientId}: ${error.code}: ${error.message}`);
    return error.status === 429 ? refusedUnavailable : refusedNotAuthorized;
  }
}

interface UserName {
  host: string;
  deviceId: string;
  /** Optional: "To avoid unexpected behavior, include api-version in the field." */
  apiVersion: string | null;
  modelId: string;
}

/**
 * Parses host/device/?api-version=…. Firmware from before 2018 has no question mark (host/device/api-version=…), as the
 * documentation of that time. The sandbox has no modules, so host/device/module/?… does not match.
 */
function parseUserName(text: string): UserName | undefined {
  const found = /^([^/]+)\/([^/]+)(?:\/(?:\?|(?=api-version=))(.*)|\/?)$/.exec(text);
  if (!found) return undefined;
  const [, host = "", deviceId = "", query] = found;
  const parameters = new URLSearchParams(query ?? "");
  return {
    host: host.toLowerCase(),
    deviceId,
    apiVersion: parameters.get("api-version"),
    modelId: parameters.get("model-id") ?? "",
  };
}
