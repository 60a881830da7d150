import type { Duplex } from "node:stream";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Connection, ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import type { CloseReason } from "./device/close-reason.ts";
import { addDeviceRoutes } from "./device/http-routes.ts";
import { type Hub, Hubs } from "./hub.ts";
import { connectHubParts, createHubParts, deleteHubData, type HubParts } from "./hub-parts.ts";
import type { TelemetryStream } from "./messages/telemetry.ts";
import type { IotHubOptions } from "./options.ts";
import { addDeviceCallRoutes } from "./service/device-call-routes.ts";
import { HubHttp } from "./service/http.ts";
import { addJobRoutes } from "./service/job-routes.ts";
import { addRegistryRoutes } from "./service/registry-routes.ts";
import { addTwinRoutes } from "./service/twin-routes.ts";
import { HubSockets } from "./sockets.ts";

export type { IotHubDelays, IotHubOptions } from "./options.ts";

/** Interval of the checks for what is due. Tests move the sandbox's clock, so a timer cannot wait for a deadline. */
const checkIntervalMs = 100;

/** The data plane of every Microsoft.Devices/IotHubs resource, at its host names. */
export interface IotHub {
  endpoint: ServiceEndpoint;
  /** Messages from devices, as a reader of the hub's built-in endpoint would get them. */
  telemetry: TelemetryStream;
  /**
   * Closes the MQTT connections of devices, as a restart of the service does.
   * @param which Filters by device ID; all devices when left out.
   * @returns The number of closed connections.
   */
  dropConnections(which?: (deviceId: string) => boolean): number;
  /** The number of devices that are connected now. */
  connected(): number;
  close(): void;
}

export function createIotHub(azure: AzureEnvironment, options: IotHubOptions = {}): IotHub {
  const parts = createHubParts(azure, options);
  connectHubParts(parts);
  const sockets = new HubSockets({
    ...parts,
    fault: (hub, method, topic) => options.faults?.().pick(hub.host, { method, url: topic }),
  });
  const closeAll = (hub: Hub, reason: CloseReason) => {
    parts.connections.disconnectAll(reason, (connection) => connection.hub.key === hub.key);
    sockets.closeServiceConnections(hub.key);
  };
  const hubs = new Hubs(azure, {
    deleted(hub) {
      closeAll(hub, "IotHubNotFound");
      deleteHubData(parts, hub.key);
    },
    changed(hub) {
      if (!hub.publicAccess) closeAll(hub, "IotHubUnauthorizedAccess: public network access is disabled");
    },
  });
  const checks = setInterval(() => {
    parts.disconnects.closeDue();
    sockets.closeDue();
    parts.queue.expireDue();
    parts.feedback.expireDue((key) => hubs.at(`${key}.azure-devices.net`));
  }, checkIntervalMs);
  checks.unref();

  const { connections } = parts;
  const restart: CloseReason = "ConnectionForcefullyClosedOnFaultInjection";
  return {
    endpoint: createEndpoint(hubs, createHttpApi(parts), sockets),
    telemetry: parts.telemetry,
    dropConnections: (which = () => true) =>
      connections.disconnectAll(restart, ({ deviceId }) => which(deviceId)),
    connected: () => connections.size,
    close() {
      clearInterval(checks);
      parts.jobs.close();
      connections.disconnectAll(restart, () => true);
    },
  };
}

function createHttpApi(parts: HubParts): HubHttp {
  const http = new HubHttp(parts.azure, parts.throttles);
  addRegistryRoutes(http, parts);
  addTwinRoutes(http, parts);
  addDeviceCallRoutes(http, parts);
  addJobRoutes(http, parts.jobs);
  addDeviceRoutes(http, parts);
  return http;
}

function createEndpoint(hubs: Hubs, http: HubHttp, sockets: HubSockets): ServiceEndpoint {
  /** A hub can be deleted while a connection to its host name is open. */
  const withHub = ({ host }: Connection, socket: Duplex, use: (hub: Hub) => void): void => {
    const hub = hubs.at(host);
    if (hub) use(hub);
    else socket.destroy();
  };
  return {
    serves: (host) => hubs.at(host) !== undefined,
    request: (req, res, connection) => withHub(connection, req.socket, (hub) => http.handle(hub, req, res)),
    upgrade: (req, socket, head, connection) =>
      withHub(connection, socket, (hub) => sockets.upgrade(hub, req, socket, head)),
    raw: {
      8883: (socket, connection) => withHub(connection, socket, (hub) => sockets.serveMqtt(hub, socket)),
      5671: (socket, connection) => withHub(connection, socket, (hub) => sockets.serveAmqp(hub, socket)),
    },
  };
}
