import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import { deviceToCloudBytes, type Message, messageSize, type QueuedMessage } from "../messages/message.ts";
import type { TelemetryStream } from "../messages/telemetry.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { parseAs } from "../registry/identity.ts";
import type { Call, HubHttp } from "../service/http.ts";
import type { Throttles } from "../throttle.ts";
import { authenticateDevice } from "./device-auth.ts";

export interface DeviceHttpParts {
  azure: AzureEnvironment;
  devices: DeviceTable;
  queue: CloudToDeviceQueue;
  telemetry: TelemetryStream;
  throttles: Throttles;
}

const batchType = "application/vnd.microsoft.iothub.json";
const propertyPrefix = "iothub-app-";
const batchSchema = z.array(
  z.strictObject({
    body: z.string().nullish(),
    base64Encoded: z.boolean().nullish(),
    properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
  }),
);
const noContent = () => new Response(null, { status: 204 });

/**
 * Adds the device API over HTTPS: sending events, and receiving and settling messages. A device that uses it does not
 * count as connected.
 */
export function addDeviceRoutes(http: HubHttp, parts: DeviceHttpParts): void {
  const { queue } = parts;
  const signIn = (call: Call) =>
    authenticateDevice(parts.azure, parts.devices, call.hub, call.param("id"), call.header("authorization"));
  const authenticate = (call: Call): string => {
    const id = call.param("id");
    signIn(call);
    return id;
  };
  const touch = (call: Call, id: string) =>
    parts.devices.recordActivity(call.hub.key, id, parts.azure.clock.now());

  http.device("POST", "/devices/:id/messages/events", async (call) => {
    const id = call.param("id");
    const { authScope } = signIn(call);
    const messages = await readEvents(call);
    await parts.throttles.acquire(call.hub, "DeviceToCloudSend", messages.length);
    for (const message of messages) parts.telemetry.accept(call.hub, id, message, authScope);
    touch(call, id);
    return noContent();
  });

  const inbox = "/devices/:id/messages/:kind{[dD]evice[bB]ound}";
  http.device("GET", inbox, async (call) => {
    const id = authenticate(call);
    await parts.throttles.acquire(call.hub, "CloudToDeviceReceive");
    touch(call, id);
    const message = queue.receive(call.hub.key, id);
    return message ? messageResponse(id, message) : noContent();
  });

  http.device("DELETE", `${inbox}/:lock`, (call) => {
    const id = authenticate(call);
    if (call.query("reject") === undefined) queue.complete(call.hub.key, id, call.param("lock"));
    else queue.reject(call.hub.key, id, call.param("lock"));
    return noContent();
  });

  http.device("POST", `${inbox}/:lock/abandon`, (call) => {
    const id = authenticate(call);
    queue.abandon(call.hub, id, call.param("lock"));
    return noContent();
  });
}

/** Reads one event with its properties in headers, or a batch in JSON. */
async function readEvents(call: Call): Promise<Message[]> {
  if (call.header("content-type")?.split(";")[0] !== batchType) {
    return [{ ...systemProperties(call), properties: applicationProperties(call), body: await call.bytes() }];
  }
  const messages = parseAs(batchSchema, await call.json()).map(readBatchEntry);
  const size = messages.reduce((sum, message) => sum + messageSize(message), 0);
  if (size > deviceToCloudBytes) {
    throw new HubError(
      "MessageTooLarge",
      `The batch has ${size} bytes; at most ${deviceToCloudBytes} are allowed.`,
    );
  }
  return messages;
}

/** Reads an entry of a batch. Its body is base64 by default, and its properties have the names of the headers. */
function readBatchEntry(entry: z.infer<typeof batchSchema>[number]): Message {
  const properties: Message["properties"] = {};
  for (const [name, value] of Object.entries(entry.properties ?? {})) {
    const own = name.startsWith(propertyPrefix) ? name.slice(propertyPrefix.length) : name;
    properties[own] = value === null ? null : String(value);
  }
  const encoding = entry.base64Encoded === false ? "utf8" : "base64";
  return { properties, body: Buffer.from(entry.body ?? "", encoding) };
}

const systemHeaders = ["messageid", "correlationid", "userid", "contenttype", "contentencoding"].map(
  (name) => `iothub-${name}`,
);

function systemProperties(call: Call): Omit<Message, "properties" | "body"> {
  const others = Object.entries(call.headers()).filter(
    ([name]) =>
      name.startsWith("iothub-") && !name.startsWith(propertyPrefix) && !systemHeaders.includes(name),
  );
  return {
    others: Object.fromEntries(others),
    messageId: call.header("iothub-messageid"),
    correlationId: call.header("iothub-correlationid"),
    userId: call.header("iothub-userid"),
    contentType: call.header("iothub-contenttype"),
    contentEncoding: call.header("iothub-contentencoding"),
  };
}

function applicationProperties(call: Call): Record<string, string> {
  const headers = Object.entries(call.headers()).filter(([name]) => name.startsWith(propertyPrefix));
  return Object.fromEntries(headers.map(([name, value]) => [name.slice(propertyPrefix.length), value]));
}

function messageResponse(deviceId: string, message: QueuedMessage): Response {
  const headers = new Headers({
    etag: `"${message.lock}"`,
    "iothub-sequencenumber": String(message.sequence),
    "iothub-enqueuedtime": new Date(message.enqueued).toISOString(),
    "iothub-expiry": new Date(message.expires).toISOString(),
    "iothub-deliverycount": String(message.deliveryCount),
    "iothub-to": `/devices/${deviceId}/messages/deviceBound`,
    "iothub-ack": message.acknowledgement,
  });
  if (message.messageId !== undefined) headers.set("iothub-messageid", message.messageId);
  if (message.correlationId !== undefined) headers.set("iothub-correlationid", message.correlationId);
  if (message.userId !== undefined) headers.set("iothub-userid", message.userId);
  for (const [name, value] of Object.entries(message.properties))
    headers.set(propertyPrefix + name, value ?? "");
  return new Response(new Uint8Array(message.body), { headers });
}
