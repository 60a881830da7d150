import type { Duplex } from "node:stream";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { FaultEffect, Faults } from "../../proxy/faults.ts";
import type { Connection, ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { type CloseReason, Connections } from "./device/connections.ts";
import { DirectMethods } from "./device/direct-methods.ts";
import { addDeviceRoutes } from "./device/http-routes.ts";
import { MqttSessions } from "./device/mqtt-sessions.ts";
import { type Hub, Hubs } from "./hub.ts";
import type { Outbound } from "./jobs/blob-container.ts";
import { ImportExportJobs } from "./jobs/jobs.ts";
import { CloudToDeviceQueue } from "./messages/cloud-to-device.ts";
import { Feedback } from "./messages/feedback.ts";
import { TelemetryStream } from "./messages/telemetry.ts";
import { Queries } from "./query/query.ts";
import { QueryIndex } from "./query/query-index.ts";
import { DailyQuota } from "./quota.ts";
import { BulkRegistry } from "./registry/bulk.ts";
import { DeviceTable } from "./registry/device-table.ts";
import { Registry } from "./registry/registry.ts";
import { addDeviceCallRoutes } from "./service/device-call-routes.ts";
import { HubHttp } from "./service/http.ts";
import { addJobRoutes } from "./service/job-routes.ts";
import { addRegistryRoutes } from "./service/registry-routes.ts";
import { addTwinRoutes } from "./service/twin-routes.ts";
import { HubSockets } from "./sockets.ts";
import { Throttles } from "./throttle.ts";
import { Twins } from "./twins/twins.ts";

export interface IotHubOptions {
  /** Whether throttles and daily quotas are enforced; default true. */
  throttling?: boolean;
  /** How long a live connection outlives its device's disabling or deletion, in milliseconds; default 1000. */
  disconnectDelayMs?: number;
  /** How long after a change queries show it, in milliseconds; default 0. See QueryIndex. */
  queryLagMs?: number;
  /** How long feedback waits to be sent in one batch, in milliseconds; default 15,000, as in Azure. */
  feedbackDelayMs?: number;
  /** How long a connection may take to sign in, in milliseconds; default 30,000. Azure's time is not documented. */
  signInMs?: number;
  /**
   * The failures that tests have ordered. Rules for MQTT have the method PUBLISH (from the device) or DELIVER (a
   * message to it) and the topic for a path; `answer` means a drop before. Connecting has rules as any request has.
   */
  faults?: () => Faults;
  /** How the hub reaches storage accounts for import and export jobs; without it those jobs fail. */
  outbound?: () => Outbound;
}

/** How often deadlines are looked at; the sandbox's clock may be moved, so no timer can wait for them. */
const sweepMs = 100;

export type IotHub = ReturnType<typeof createIotHub>;

/** The data plane of every Microsoft.Devices/IotHubs that the program declared, at name.azure-devices.net. */
export function createIotHub(azure: AzureEnvironment, options: IotHubOptions = {}) {
  const throttling = options.throttling ?? true;
  const signInMs = options.signInMs ?? 30_000;
  const throttles = new Throttles(azure.clock, throttling);
  const quota = new DailyQuota(azure, throttling);
  const devices = new DeviceTable(azure.store);
  const index = new QueryIndex(azure, devices, options.queryLagMs ?? 0);
  const registry = new Registry(azure, devices);
  const twins = new Twins(azure, registry, devices);
  const bulk = new BulkRegistry(azure, registry, twins, devices);
  const feedback = new Feedback(azure, devices, options.feedbackDelayMs ?? 15_000);
  const queue = new CloudToDeviceQueue(azure, devices, quota, feedback);
  const pendingMessages = (hub: string, id: string) => queue.count(hub, id);
  const queries = new Queries(azure, index, pendingMessages);
  const telemetry = new TelemetryStream(azure, quota);
  const sessions = new MqttSessions(azure.store);
  const connections = new Connections(azure, devices, options.disconnectDelayMs ?? 1000);
  const methods = new DirectMethods(devices, connections);
  const jobs = new ImportExportJobs(azure, bulk, devices, options.outbound);

  const endAll = (hub: Hub, reason: CloseReason) => {
    connections.endAll(reason, (connection) => connection.hub.key === hub.key);
    sockets.endAll(hub.key);
  };
  const deleted = (hub: Hub) => {
    endAll(hub, "IotHubNotFound");
    for (const part of [devices, index, queue, feedback, telemetry, sessions, jobs]) part.deleteHub(hub.key);
  };
  const changed = (hub: Hub) => {
    if (!hub.publicAccess) endAll(hub, "IotHubUnauthorizedAccess: public network access is disabled");
  };
  const hubs = new Hubs(azure, deleted, changed);

  registry.on("disabled", (hub, id) => connections.endSoon(hub.key, id));
  registry.on("deleted", (hub, id) => {
    connections.endSoon(hub.key, id);
    queue.deleteDevice(hub.key, id);
    sessions.delete(hub.key, id);
  });
  twins.on("desired", (hub, id, patch, version) =>
    connections.get(hub.key, id)?.desiredChanged(patch, version),
  );
  queue.on("available", (hub, id) => connections.get(hub, id)?.messagesAvailable());

  const http = new HubHttp(azure, throttles);
  addRegistryRoutes(http, { registry, bulk, queries, throttles, quota, pendingMessages });
  addTwinRoutes(http, { registry, twins, quota, pendingMessages });
  addDeviceCallRoutes(http, { registry, methods, queue, throttles, quota });
  addJobRoutes(http, jobs);
  addDeviceRoutes(http, { azure, devices, queue, telemetry, throttles });

  const fault = (hub: Hub, method: string, topic: string): FaultEffect | undefined =>
    options.faults?.().pick(hub.host, { method, url: topic });
  const sockets = new HubSockets(
    {
      azure,
      devices,
      registry,
      twins,
      queue,
      methods,
      telemetry,
      throttles,
      quota,
      connections,
      sessions,
      signInMs,
      fault,
    },
    { azure, queue, feedback, throttles, signInMs },
  );

  const sweeping = setInterval(() => {
    connections.sweep();
    sockets.sweep();
    queue.sweep();
    feedback.sweep((key) => hubs.at(`${key}.azure-devices.net`));
  }, sweepMs);
  sweeping.unref();

  /** A hub may be deleted while a connection to its host name stays. */
  const at = ({ host }: Connection, socket: Duplex, use: (hub: Hub) => void): void => {
    const hub = hubs.at(host);
    if (hub) use(hub);
    else socket.destroy();
  };
  const endpoint: ServiceEndpoint = {
    serves: (host) => hubs.at(host) !== undefined,
    request: (req, res, connection) => at(connection, req.socket, (hub) => http.handle(hub, req, res)),
    upgrade: (req, socket, head, connection) =>
      at(connection, socket, (hub) => sockets.upgrade(hub, req, socket, head)),
    raw: {
      8883: (socket, connection) => at(connection, socket, (hub) => sockets.serveMqtt(hub, socket)),
      5671: (socket, connection) => at(connection, socket, (hub) => sockets.serveAmqp(hub, socket)),
    },
  };

  return {
    endpoint,
    /** Messages from devices: what a reader of the hub's events would see. */
    telemetry,
    /** Drops devices' MQTT connections, as an upgrade of the service does. @returns How many. */
    dropConnections: (which: (deviceId: string) => boolean = () => true): number =>
      connections.endAll("ConnectionForcefullyClosedOnFaultInjection", ({ deviceId }) => which(deviceId)),
    /** How many devices are connected now. */
    connected: (): number => connections.size,
    close: (): void => {
      clearInterval(sweeping);
      jobs.close();
      connections.endAll("ConnectionForcefullyClosedOnFaultInjection", () => true);
    },
  };
}
