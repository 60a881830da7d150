import { randomUUID } from "node:crypto";
import { z } from "zod";
import { deviceNotFound, HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../json.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { parseAs } from "../registry/identity.ts";
import type { Connections, DeviceConnection } from "./connections.ts";

/** Bytes of a request's or an answer's payload. Source: "IoT Hub quotas and throttling", other limits. */
const maxPayloadBytes = 128 * 1024;

const requestSchema = z.strictObject({
  methodName: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9_*.$-]+$/),
  payload: z.unknown().optional(),
  responseTimeoutInSeconds: z.number().int().min(5).max(300).nullish(),
  connectTimeoutInSeconds: z.number().int().min(0).max(300).nullish(),
});

/** A direct method's answer, as the REST API gives it. */
export interface MethodResult {
  status: number;
  payload: unknown;
}

interface Waiting {
  connection: DeviceConnection;
  resolve: (result: MethodResult) => void;
  reject: (error: HubError) => void;
}

/** Calls from the service side to connected devices, with their time-outs. */
export class DirectMethods {
  private readonly devices: DeviceTable;
  private readonly connections: Connections;
  private readonly waiting = new Map<string, Waiting>();

  constructor(devices: DeviceTable, connections: Connections) {
    this.devices = devices;
    this.connections = connections;
    connections.on("closed", (connection) => {
      for (const waiting of this.waiting.values()) {
        if (waiting.connection !== connection) continue;
        waiting.reject(new HubError("DeviceConnectionClosedRemotely", "The device's connection has ended."));
      }
    });
  }

  /** How many bytes of payload a request has; the throttle counts those. */
  static payloadBytes(body: unknown): number {
    return Buffer.byteLength(JSON.stringify((body as { payload?: unknown } | null)?.payload ?? null));
  }

  /**
   * Calls a method and waits: for the device to come, if the caller gives it time for that, and for its answer.
   * @throws HubError DeviceNotFound (also when disabled), DeviceNotOnline, GatewayTimeout, ArgumentInvalid,
   *   BadDeviceResponse, DeviceConnectionClosedRemotely.
   */
  async invoke(hub: Hub, deviceId: string, body: unknown): Promise<MethodResult> {
    const request = parseAs(requestSchema, body);
    const connectMs = (request.connectTimeoutInSeconds ?? 0) * 1000;
    const responseMs = (request.responseTimeoutInSeconds ?? 30) * 1000;
    if (connectMs > responseMs) {
      throw new HubError(
        "ArgumentInvalid",
        `Device connection timeout ${connectMs / 1000} s cannot be longer than an overall call timeout ${responseMs / 1000} s`,
      );
    }
    if (DirectMethods.payloadBytes(body) > maxPayloadBytes) {
      throw new HubError("MessageTooLarge", `The payload has more than ${maxPayloadBytes} bytes.`);
    }
    if (this.devices.get(hub.key, deviceId)?.status !== "enabled") throw deviceNotFound(deviceId);
    const payload = JSON.stringify(request.payload ?? null);
    const deadline = Date.now() + responseMs;
    const requestId = randomUUID();
    const connection = await this.call(hub, deviceId, connectMs, (live) =>
      live.callMethod(requestId, request.methodName, payload),
    );
    return this.answer(connection, requestId, deadline - Date.now());
  }

  /** The device's answer. Unknown request IDs are ignored: their callers have stopped waiting. */
  answered(requestId: string, status: number, body: Buffer): void {
    const waiting = this.waiting.get(requestId);
    if (!waiting) return;
    if (body.length > maxPayloadBytes) {
      waiting.reject(new HubError("BadDeviceResponse", "The device's answer is too large."));
      return;
    }
    try {
      const payload = body.length === 0 ? null : parseJson(body.toString("utf8"), "The answer");
      waiting.resolve({ status, payload });
    } catch {
      waiting.reject(new HubError("BadDeviceResponse", "The device's answer is not JSON."));
    }
  }

  /** Tries now, and whenever the device becomes ready, until the time is over. */
  private call(
    hub: Hub,
    deviceId: string,
    connectMs: number,
    attempt: (connection: DeviceConnection) => boolean,
  ): Promise<DeviceConnection> {
    const now = () => {
      const connection = this.connections.get(hub.key, deviceId);
      return connection && attempt(connection) ? connection : undefined;
    };
    const offline = () =>
      new HubError(
        "DeviceNotOnline",
        "The operation failed because the requested device isn't online. To learn more, see https://aka.ms/iothub404103",
      );
    const connection = now();
    if (connection) return Promise.resolve(connection);
    if (connectMs === 0) return Promise.reject(offline());
    return new Promise((resolve, reject) => {
      const ready = (hubKey: string, id: string) => {
        if (hubKey !== hub.key || id !== deviceId) return;
        const connection = now();
        if (!connection) return;
        stop();
        resolve(connection);
      };
      const timer = setTimeout(() => {
        stop();
        reject(offline());
      }, connectMs).unref();
      const stop = () => {
        clearTimeout(timer);
        this.connections.off("methodsReady", ready);
      };
      this.connections.on("methodsReady", ready);
    });
  }

  private answer(connection: DeviceConnection, requestId: string, ms: number): Promise<MethodResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        done(() => reject(new HubError("GatewayTimeout", "Timed out waiting for the response from device.")));
      }, ms).unref();
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(requestId);
        settle();
      };
      this.waiting.set(requestId, {
        connection,
        resolve: (result) => done(() => resolve(result)),
        reject: (error) => done(() => reject(error)),
      });
    });
  }
}
