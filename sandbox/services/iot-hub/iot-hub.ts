import type { Duplex } from "node:stream";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Connection, ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import type { CloseReason } from "./device/close-reason.ts";
import { addDeviceRoutes } from "./device/http-routes.ts";
import { EventsEndpoints } from "./events/events-endpoint.ts";
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
import { hubCiphers } from "./tls.ts";

export type { IotHubDelays, IotHubOptions } from "./options.ts";

/** Interval of the checks for what is due. Tests move the sandbox's clock, so a timer cannot wait for a deadline. */
const checkIntervalMs = 100;

/** The data plane of every Microsoft.Devices/IotHubs resource, at its host names. */
export interface IotHub {
  endpoint: ServiceEndpoint;
  /** The built-in endpoints of the hubs, from which Event Hubs clients read. */
  eventsEndpoint: ServiceEndpoint;
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
  /**
   * Creates a device, or changes it. An existing device keeps the keys that the entry does not have.
   * @returns The registry's error; undefined when the device was written.
   */
  writeDevice(host: string, entry: DeviceEntry): string | undefined;
  /** The primary key of a device; undefined when it does not exist. */
  deviceKey(host: string, id: string): string | undefined;
  close(): void;
}

/** A device as a seed file declares it. */
export interface DeviceEntry {
  id: string;
  status: "enabled" | "disabled";
  primaryKey?: string;
  secondaryKey?: string;
  tags?: object;
  desired?: object;
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
    events.closeConnections(hub.key);
  };
  const hubs = new Hubs(azure, {
    deleted(hub) {
      closeAll(hub, "IotHubNotFound");
      deleteHubData(parts, hub.key);
    },
    changed(hub) {
      parts.events.createdAt(hub.key, azure.clock.now());
      if (!hub.publicAccess) closeAll(hub, "IotHubUnauthorizedAccess: public network access is disabled");
    },
  });
  const events = new EventsEndpoints(hubs, parts);
  const checks = setInterval(() => {
    parts.disconnects.closeDue();
    sockets.closeDue();
    events.closeDue();
    parts.queue.expireDue();
    parts.feedback.expireDue((key) => hubs.at(`${key}.azure-devices.net`));
  }, checkIntervalMs);
  checks.unref();

  const { connections } = parts;
  const restart: CloseReason = "ConnectionForcefullyClosedOnFaultInjection";
  return {
    endpoint: createEndpoint(hubs, createHttpApi(parts), sockets),
    eventsEndpoint: events.endpoint,
    telemetry: parts.telemetry,
    dropConnections: (which = () => true) =>
      connections.disconnectAll(restart, ({ deviceId }) => which(deviceId)),
    connected: () => connections.size,
    writeDevice: (host, entry) => writeDevice(parts, hubs.at(host), entry),
    deviceKey(host, id) {
      const hub = hubs.at(host);
      return hub && parts.devices.get(hub.key, id)?.primaryKey;
    },
    close() {
      clearInterval(checks);
      parts.jobs.close();
      connections.disconnectAll(restart, () => true);
    },
  };
}

function writeDevice(parts: HubParts, hub: Hub | undefined, entry: DeviceEntry): string | undefined {
  if (!hub) return "The hub does not exist.";
  const { id, status, tags, desired } = entry;
  const existing = parts.devices.get(hub.key, id);
  const [failure] = parts.bulk.call(hub, [
    {
      id,
      importMode: "createOrUpdate",
      status,
      authentication: {
        type: "sas",
        symmetricKey: {
          primaryKey: entry.primaryKey ?? existing?.primaryKey,
          secondaryKey: entry.secondaryKey ?? existing?.secondaryKey,
        },
      },
      ...(tags ? { tags } : {}),
      ...(desired ? { properties: { desired } } : {}),
    },
  ]);
  return failure?.errorStatus;
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
    routes: http.routes,
    serves: (host) => hubs.at(host) !== undefined,
    ciphers: (host) => hubCiphers(hubs.at(host)),
    request: (req, res, connection) => withHub(connection, req.socket, (hub) => http.handle(hub, req, res)),
    upgrade: (req, socket, head, connection) =>
      withHub(connection, socket, (hub) => sockets.upgrade(hub, req, socket, head)),
    raw: {
      8883: (socket, connection) => withHub(connection, socket, (hub) => sockets.serveMqtt(hub, socket)),
      5671: (socket, connection) => withHub(connection, socket, (hub) => sockets.serveAmqp(hub, socket)),
    },
  };
}
