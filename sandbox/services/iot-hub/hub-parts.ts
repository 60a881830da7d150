import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { ConnectionLog } from "./device/connection-log.ts";
import { Connections } from "./device/connections.ts";
import { DirectMethods } from "./device/direct-methods.ts";
import { DisconnectSchedule } from "./device/disconnect.ts";
import { MqttSessions } from "./device/mqtt-sessions.ts";
import { EventStore } from "./events/event-store.ts";
import { ImportExportJobs } from "./jobs/import-export-jobs.ts";
import { CloudToDeviceQueue } from "./messages/cloud-to-device.ts";
import { Feedback } from "./messages/feedback.ts";
import { TelemetryStream } from "./messages/telemetry.ts";
import type { IotHubOptions } from "./options.ts";
import { Queries } from "./query/queries.ts";
import { QueryIndex } from "./query/query-index.ts";
import { DailyQuota } from "./quota.ts";
import { BulkRegistry } from "./registry/bulk.ts";
import { DeviceTable } from "./registry/device-table.ts";
import { Registry } from "./registry/registry.ts";
import { Throttles } from "./throttle.ts";
import { Twins } from "./twins/twins.ts";

export type HubParts = ReturnType<typeof createHubParts>;

/** Creates the parts of the data plane. Each one serves all hubs and keeps its data in the sandbox's store. */
export function createHubParts(azure: AzureEnvironment, options: IotHubOptions) {
  const throttling = options.throttling ?? true;
  const devices = new DeviceTable(azure.store);
  const registry = new Registry(azure, devices);
  const twins = new Twins(azure, registry, devices);
  const bulk = new BulkRegistry(azure, registry, twins, devices);
  const quota = new DailyQuota(azure, throttling);
  const feedback = new Feedback(azure, devices, options.feedbackDelayMs ?? 15_000);
  const queue = new CloudToDeviceQueue(azure, devices, quota, feedback);
  const pendingMessages = (hub: string, deviceId: string) => queue.count(hub, deviceId);
  const index = new QueryIndex(azure, devices, options.indexDelayMs ?? 0);
  const events = new EventStore(azure.store);
  const connectionLog = new ConnectionLog(azure);
  const connections = new Connections(azure, devices, connectionLog);
  return {
    azure,
    throttles: new Throttles(azure.clock, throttling),
    quota,
    devices,
    registry,
    twins,
    bulk,
    index,
    queries: new Queries(azure, index, pendingMessages),
    queue,
    pendingMessages,
    feedback,
    events,
    telemetry: new TelemetryStream(azure, quota, devices, events),
    sessions: new MqttSessions(azure.store),
    connections,
    connectionLog,
    disconnects: new DisconnectSchedule(azure, devices, connections, options.disconnectDelayMs ?? 1000),
    methods: new DirectMethods(devices, connections),
    jobs: new ImportExportJobs({
      azure,
      bulk,
      devices,
      outbound: options.outbound,
      startDelayMs: options.jobDelayMs ?? 1000,
    }),
    signInTimeoutMs: options.signInTimeoutMs ?? 30_000,
  };
}

/** Lets connected devices know of changes from the service side, and ends what a deleted device leaves behind. */
export function connectHubParts(parts: HubParts): void {
  const { registry, twins, queue, sessions, connections, disconnects } = parts;
  registry.on("disabled", (hub, id) => disconnects.schedule(hub.key, id));
  registry.on("deleted", (hub, id) => {
    disconnects.schedule(hub.key, id);
    queue.deleteDevice(hub.key, id);
    sessions.delete(hub.key, id);
  });
  twins.on("desired", (hub, id, patch, version) => connections.get(hub.key, id)?.sendDesired(patch, version));
  queue.on("available", (hub, id) => connections.get(hub, id)?.sendMessages());
}

/** Deletes the data of a hub whose resource was deleted. */
export function deleteHubData(parts: HubParts, hubKey: string): void {
  const { devices, index, queue, feedback, telemetry, sessions, jobs } = parts;
  for (const part of [devices, index, queue, feedback, telemetry, sessions, jobs]) part.deleteHub(hubKey);
}
