import type { IConnectPacket } from "mqtt-packet";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DeviceRow, DeviceTable } from "../registry/device-table.ts";
import { apiVersions } from "../service/http.ts";
import type { Throttles } from "../throttle.ts";
import { authenticateDevice } from "./device-auth.ts";
import { parseRequest } from "./topics.ts";

/** Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3) that the hub gives. */
const refusedVersion = 1;
const refusedUnavailable = 3;
const refusedNotAuthorized = 5;

/** A device that may connect. */
export interface Admission {
  device: DeviceRow;
  /** When its token ends, in milliseconds. */
  expires: number;
  /** The DTDL model it announced; empty for none. */
  modelId: string;
}

/** What CONNECT is checked with. */
export interface ConnectParts {
  azure: AzureEnvironment;
  devices: DeviceTable;
  throttles: Throttles;
}

/**
 * Checks a CONNECT packet: MQTT 3.1.1, user name host/device/?api-version=…, client ID the device's, password its
 * token, and a will, if there is one, to the device's events. Every failed sign-in is the same return code, 5, as from the service; the log says why.
 * @returns Who may connect, or the return code to refuse with.
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
      throw new HubError("IotHubUnauthorized", "The user name does not name this hub and the client's ID");
    }
    if (user.apiVersion !== null && !apiVersions.has(user.apiVersion)) {
      throw new HubError("InvalidProtocolVersion", `The api-version ${user.apiVersion} is not supported.`);
    }
    if (packet.will && parseRequest(packet.will.topic, user.deviceId)?.kind !== "telemetry") {
      throw new HubError(
        "ArgumentInvalid",
        `A will goes to the device's events, not to ${packet.will.topic}`,
      );
    }
    const password = packet.password?.toString("utf8");
    const { device, expires } = authenticateDevice(parts.azure, parts.devices, hub, user.deviceId, password);
    await parts.throttles.take(hub, "DeviceConnect");
    return { device, expires, modelId: user.modelId };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    parts.azure.log(`${hub.host}: refused ${packet.clientId}: ${error.code}: ${error.message}`);
    return error.status === 429 ? refusedUnavailable : refusedNotAuthorized;
  }
}

interface UserName {
  host: string;
  deviceId: string;
  /** It may be left out: "To avoid unexpected behavior, include api-version in the field." */
  apiVersion: string | null;
  modelId: string;
}

/**
 * Modules (host/device/module/?…) are not known here and do not match. Firmware of before 2018 has no question mark
 * (host/device/api-version=…), as the documentation then had none.
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
