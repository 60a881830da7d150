import { DirectMethods } from "../device/direct-methods.ts";
import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import type { DailyQuota } from "../quota.ts";
import type { Registry } from "../registry/registry.ts";
import type { Throttles } from "../throttle.ts";
import type { HubHttp } from "./http.ts";

export interface DeviceCallParts {
  registry: Registry;
  methods: DirectMethods;
  queue: CloudToDeviceQueue;
  throttles: Throttles;
  quota: DailyQuota;
}

/** The throttle counts request payloads in steps of 4 KB. */
const meterKb = 4;

/** Adds direct methods, and the purge of a device's queue. Messages are sent over AMQP: there is no REST call. */
export function addDeviceCallRoutes(http: HubHttp, parts: DeviceCallParts): void {
  const invokeRules = {
    actions: ["directMethods/invoke/action" as const],
    throttle: "own" as const,
    standardOnly: true,
    nestedErrors: true,
  };
  http.service("POST", "/twins/:id/methods", invokeRules, async (call) => {
    const body = await call.json();
    const bytes = DirectMethods.payloadBytes(body);
    const kilobytes = Math.max(1, Math.ceil(bytes / (meterKb * 1024))) * meterKb;
    await parts.throttles.acquire(call.hub, "DirectMethod", kilobytes);
    parts.quota.charge(call.hub, bytes);
    const result = await parts.methods.invoke(call.hub, call.param("id"), body);
    parts.quota.charge(call.hub, Buffer.byteLength(JSON.stringify(result.payload ?? null)));
    return { ...result };
  });

  const purgeRules = {
    actions: ["cloudToDeviceMessages/queue/purge/action" as const],
    throttle: "RegistryOperation" as const,
    standardOnly: true,
  };
  http.service("DELETE", "/devices/:id/commands", purgeRules, (call) => {
    const id = call.param("id");
    parts.registry.get(call.hub, id);
    return { deviceId: id, totalMessagesPurged: parts.queue.purge(call.hub.key, id), moduleId: null };
  });
}
