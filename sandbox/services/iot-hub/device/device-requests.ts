import type { IPublishPacket } from "mqtt-packet";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { errorDocument, HubError } from "../errors.ts";
import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import { messageFromBag } from "../messages/property-bag.ts";
import type { TelemetryStream } from "../messages/telemetry.ts";
import { parseJson } from "../parse-json.ts";
import type { DailyQuota } from "../quota.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import type { Registry } from "../registry/registry.ts";
import type { Throttles } from "../throttle.ts";
import { isStandard } from "../tiers.ts";
import { deviceView, type Twins } from "../twins/twins.ts";
import type { Connections, DeviceConnection } from "./connections.ts";
import type { DirectMethods } from "./direct-methods.ts";
import { type DeviceRequest, parseRequest, twinAnswerTopic } from "./topics.ts";

export interface DeviceRequestParts {
  azure: AzureEnvironment;
  devices: DeviceTable;
  registry: Registry;
  connections: Connections;
  queue: CloudToDeviceQueue;
  methods: DirectMethods;
  telemetry: TelemetryStream;
  throttles: Throttles;
  twins: Twins;
  quota: DailyQuota;
}

/** Handles the requests of a connected device. */
export class DeviceRequests {
  private readonly parts: DeviceRequestParts;
  private readonly connection: DeviceConnection;
  private readonly answer: (topic: string, payload: string) => void;

  constructor(
    parts: DeviceRequestParts,
    connection: DeviceConnection,
    answer: (topic: string, payload: string) => void,
  ) {
    this.parts = parts;
    this.connection = connection;
    this.answer = answer;
  }

  /** @throws HubError when telemetry is refused. MQTT has no answer for that, so the caller closes the connection. */
  async handle(request: DeviceRequest, packet: IPublishPacket): Promise<void> {
    const { hub, deviceId } = this.connection;
    const body = Buffer.from(packet.payload);
    switch (request.kind) {
      case "telemetry": {
        await this.parts.throttles.acquire(hub, "DeviceToCloudSend");
        const message = messageFromBag(request.properties, body);
        if (packet.retain) message.properties["mqtt-retain"] = "true";
        this.parts.telemetry.accept(hub, deviceId, message, this.connection.authScope);
        this.parts.devices.recordActivity(hub.key, deviceId, this.parts.azure.clock.now());
        return;
      }
      case "methodAnswer":
        return this.parts.methods.answer(request.requestId, request.status, body);
      case "getTwin":
        return this.answerTwin(request.requestId, () => this.getTwin());
      case "reportProperties":
        return this.answerTwin(request.requestId, () => this.report(body));
    }
  }

  /** Accepts a will as telemetry of type Will. The connection has ended, so a refusal can only be logged. */
  acceptWill(topic: string, body: Buffer): void {
    const { hub, deviceId } = this.connection;
    const request = parseRequest(topic, deviceId);
    if (request?.kind !== "telemetry") return;
    const message = messageFromBag(request.properties, body);
    message.properties["iothub-MessageType"] = "Will";
    try {
      this.parts.telemetry.accept(hub, deviceId, message, this.connection.authScope);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.parts.azure.log(`${hub.host}: refused the will of ${deviceId}: ${error.code}`);
    }
  }

  private async answerTwin(
    requestId: string,
    work: () => Promise<{ status: number; version?: number; payload: string }>,
  ): Promise<void> {
    try {
      if (!isStandard(this.connection.hub.sku)) {
        throw new HubError("OperationNotAvailableInCurrentTier", "Basic tiers have no device twins.");
      }
      const { status, version, payload } = await work();
      this.answer(twinAnswerTopic(status, requestId, version), payload);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      const document = errorDocument(error, this.parts.azure.clock.now());
      this.answer(twinAnswerTopic(error.status, requestId), JSON.stringify(document));
    }
  }

  private async getTwin() {
    const { hub, deviceId } = this.connection;
    await this.parts.throttles.acquire(hub, "TwinRead");
    const payload = JSON.stringify(deviceView(this.parts.registry.get(hub, deviceId)));
    this.parts.quota.charge(hub, Buffer.byteLength(payload));
    return { status: 200, payload };
  }

  private async report(body: Buffer) {
    const { hub, deviceId } = this.connection;
    const { azure, throttles, quota, twins } = this.parts;
    await throttles.acquire(hub, "TwinUpdate");
    // One transaction, because the commit of a change takes longer than the change. A refused report is charged too.
    const reported = azure.store.transaction(() => {
      quota.charge(hub, body.length);
      try {
        return twins.report(hub, deviceId, parseJson(body.toString("utf8"), "The patch"));
      } catch (error) {
        if (error instanceof HubError) return error;
        throw error;
      }
    });
    if (reported instanceof HubError) throw reported;
    return { status: 204, version: reported, payload: "" };
  }
}
