import { randomUUID } from "node:crypto";
import { z } from "zod";
import { deviceNotFound, HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../parse-json.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { parseAs } from "../registry/identity.ts";
import type { Connections, DeviceConnection } from "./connections.ts";

/** Maximum payload of a request or an answer. Source: "IoT Hub quotas and throttling", other limits. */
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

/** A direct method's answer, as the REST API returns it. */
export interface MethodResult {
  status: number;
  payload: unknown;
}

/** A call that waits for the device's answer. */
interface PendingCall {
  connection: DeviceConnection;
  resolve: (result: MethodResult) => void;
  reject: (error: HubError) => void;
}

/** Direct method calls from the service side to connected devices, with their timeouts. */
export class DirectMethods {
  private readonly devices: DeviceTable;
  private readonly connections: Connections;
  /** By request ID. */
  private readonly pending = new Map<string, PendingCall>();

  constructor(devices: DeviceTable, connections: Connections) {
    this.devices = devices;
    this.connections = connections;
    connections.on("closed", (connection) => {
      for (const call of this.pending.values()) {
        if (call.connection !== connection) continue;
        call.reject(new HubError("DeviceConnectionClosedRemotely", "The device's connection has ended."));
      }
    });
  }

  /** The bytes of a request's payload, which the throttle counts. */
  static payloadBytes(body: unknown): number {
    return Buffer.byteLength(JSON.stringify((body as { payload?: unknown } | null)?.payload ?? null));
  }

  /**
   * Calls a method and waits for its answer. Waits for the device to connect first, if the request has a connection
   * timeout.
   * @throws HubError DeviceNotFound (also for a disabled device), DeviceNotOnline, GatewayTimeout, ArgumentInvalid,
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
    const connection = await this.send(hub, deviceId, connectMs, (connection) =>
      connection.callMethod(requestId, request.methodName, payload),
    );
    return this.waitForAnswer(connection, requestId, deadline - Date.now());
  }

  /** Passes a device's answer on. An unknown request ID is ignored: its caller no longer waits. */
  answer(requestId: string, status: number, body: Buffer): void {
    const call = this.pending.get(requestId);
    if (!call) return;
    if (body.length > maxPayloadBytes) {
      call.reject(new HubError("BadDeviceResponse", "The device's answer is too large."));
      return;
    }
    try {
      const payload = body.length === 0 ? null : parseJson(body.toString("utf8"), "The answer");
      call.resolve({ status, payload });
    } catch {
      call.reject(new HubError("BadDeviceResponse", "The device's answer is not JSON."));
    }
  }

  /** Tries to send the call now, and each time the device becomes ready, until the connection timeout. */
  private send(
    hub: Hub,
    deviceId: string,
    connectMs: number,
    attempt: (connection: DeviceConnection) => boolean,
  ): Promise<DeviceConnection> {
    const tryNow = () => {
      const connection = this.connections.get(hub.key, deviceId);
      return connection && attempt(connection) ? connection : undefined;
    };
    const offline = () =>
      new HubError(
        "DeviceNotOnline",
        "The operation failed because the requested device isn't online. To learn more, see https://aka.ms/iothub404103",
      );
    const connection = tryNow();
    if (connection) return Promise.resolve(connection);
    if (connectMs === 0) return Promise.reject(offline());
    return new Promise((resolve, reject) => {
      const ready = (hubKey: string, id: string) => {
        if (hubKey !== hub.key || id !== deviceId) return;
        const connection = tryNow();
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

  private waitForAnswer(connection: DeviceConnection, requestId: string, ms: number): Promise<MethodResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        done(() => reject(new HubError("GatewayTimeout", "Timed out waiting for the response from device.")));
      }, ms).unref();
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.pending.delete(requestId);
        settle();
      };
      this.pending.set(requestId, {
        connection,
        resolve: (result) => done(() => resolve(result)),
        reject: (error) => done(() => reject(error)),
      });
    });
  }
}
