import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { MonitorData } from "../../monitor/monitor-data.ts";
import type { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { CloseReason } from "./close-reason.ts";

/**
 * The number of the error that the hub logs when a connection ends. A device that disconnects has 404104.
 * Source: "Troubleshoot Azure IoT Hub error codes".
 */
const closeCodes: Record<CloseReason, [code: string, name: string]> = {
  ConnectionForcefullyClosedOnNewConnection: ["400027", "ConnectionForcefullyClosedOnNewConnection"],
  "IotHubUnauthorized: the token has expired": ["401003", "IotHubUnauthorized"],
  DeviceDisabled: ["403012", "DeviceDisabled"],
  DeviceNotFound: ["404001", "DeviceNotFound"],
  IotHubNotFound: ["404104", "DeviceConnectionClosedRemotely"],
  "IotHubUnauthorizedAccess: public network access is disabled": ["401002", "IotHubUnauthorizedAccess"],
  ConnectionForcefullyClosedOnFaultInjection: ["500001", "ServerError"],
};

/** Writes the hub's log category Connections. Source of the columns: "Monitoring Azure IoT Hub data reference". */
export class ConnectionLog {
  private readonly data: MonitorData;

  constructor(azure: AzureEnvironment) {
    this.data = new MonitorData(azure);
  }

  connected(hub: Hub, deviceId: string): void {
    this.write(hub, deviceId, "deviceConnect");
  }

  /** A sign-in that the hub refuses. */
  refused(hub: Hub, deviceId: string, error: HubError): void {
    this.write(hub, deviceId, "deviceConnect", [String(error.number), error.code]);
  }

  /** @param reason Why the hub closes the connection; undefined when the device does. */
  closed(hub: Hub, deviceId: string, reason?: CloseReason): void {
    const code = reason ? closeCodes[reason] : (["404104", "DeviceConnectionClosedRemotely"] as const);
    this.write(hub, deviceId, "deviceDisconnect", code);
  }

  private write(
    hub: Hub,
    deviceId: string,
    operation: string,
    error?: readonly [code: string, name: string],
  ): void {
    this.data.writeLog({
      resourceId: hub.resourceId,
      category: "Connections",
      table: "AzureDiagnostics",
      line: {
        ResourceProvider: "MICROSOFT.DEVICES",
        ResourceType: "IOTHUBS",
        Resource: hub.name.toUpperCase(),
        OperationName: operation,
        Level: error ? "Error" : "Information",
        ResultType: error?.[0] ?? "",
        ResultDescription: error?.[1] ?? "",
        properties_s: JSON.stringify({ deviceId, protocol: "Mqtt", authType: null }),
      },
    });
  }
}
