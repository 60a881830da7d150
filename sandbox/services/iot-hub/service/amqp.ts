import rhea from "rhea";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { parseSasToken } from "../device/sas-token.ts";
import { HubError, notKnown } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import type { Feedback } from "../messages/feedback.ts";
import type { Throttles } from "../throttle.ts";
import { isStandard } from "../tiers.ts";
import { readAmqpMessage } from "./amqp-message.ts";
import { authenticate, authorize, type DataAction, type ServiceCaller } from "./authorization.ts";
import { FeedbackLink } from "./feedback-link.ts";

/** What the AMQP side stands on. */
export interface AmqpParts {
  azure: AzureEnvironment;
  queue: CloudToDeviceQueue;
  feedback: Feedback;
  throttles: Throttles;
  /** How long a connection may take until it has put a token that holds, in milliseconds. */
  signInMs: number;
}

const cbsAddress = "$cbs";
const sendAddress = "/messages/devicebound";
const feedbackAddress = "/messages/serviceBound/feedback";

/** Error conditions as the SDKs read them; all others are internal errors. */
const conditions: Partial<Record<HubError["code"], string>> = {
  IotHubUnauthorized: "amqp:unauthorized-access",
  IotHubUnauthorizedAccess: "amqp:unauthorized-access",
  DeviceNotFound: "amqp:not-found",
  ArgumentInvalid: "com.microsoft:argument-error",
  InvalidMessageExpiryTime: "com.microsoft:argument-out-of-range",
  MessageTooLarge: "amqp:link:message-size-exceeded",
  DeviceMaximumQueueDepthExceeded: "amqp:resource-limit-exceeded",
  IotHubQuotaExceeded: "com.microsoft:quota-exceeded",
  ThrottlingBacklogTimeout: "com.microsoft:device-container-throttled",
  OperationNotAvailableInCurrentTier: "amqp:not-allowed",
  NotKnownToTheSandbox: "amqp:not-implemented",
};

const errorOf = (error: HubError) => ({
  condition: conditions[error.code] ?? "amqp:internal-error",
  description: error.message,
});

/**
 * One AMQP connection of the service side: sign-in by a token put to $cbs, cloud-to-device messages in, feedback out.
 * This is what azure-iothub's Client speaks; devices have no AMQP here.
 */
export class AmqpConnection {
  readonly hub: Hub;
  /** Ends the transport below the connection. */
  readonly drop: () => void;
  private readonly parts: AmqpParts;
  private readonly receivers = new Map<rhea.Sender, FeedbackLink>();
  private caller: ServiceCaller | undefined;
  private cbsReply: rhea.Sender | undefined;

  constructor(hub: Hub, connection: rhea.Connection, parts: AmqpParts, drop: () => void) {
    this.hub = hub;
    this.drop = drop;
    this.parts = parts;
    connection.on(
      "receiver_open",
      ({ receiver }) => receiver && this.guard(receiver, () => this.opened(receiver)),
    );
    connection.on("sender_open", ({ sender }) => sender && this.guard(sender, () => this.wanted(sender)));
    connection.on("message", (context) => void this.received(context));
    connection.on("sender_close", ({ sender }) => sender && this.dropped(sender));
    connection.on("accepted", ({ delivery, sender }) => this.settled(sender, delivery, "accepted"));
    connection.on("rejected", ({ delivery, sender }) => this.settled(sender, delivery, "accepted"));
    connection.on("released", ({ delivery, sender }) => this.settled(sender, delivery, "released"));
    connection.on("modified", ({ delivery, sender }) => this.settled(sender, delivery, "released"));
    connection.on("disconnected", () => this.closed());
    connection.on("connection_close", () => this.closed());
    // Errors of the peer end in the closing events; without listeners rhea would throw them.
    for (const name of [
      "connection_error",
      "session_error",
      "receiver_error",
      "sender_error",
      "protocol_error",
      "error",
    ]) {
      connection.on(name, () => {});
    }
  }

  get signedIn(): boolean {
    return this.caller !== undefined;
  }

  /** Ends the connection whose token has ended without a new one. Called from time to time. */
  sweep(now: number): void {
    if (!this.caller || this.caller.expires > now) return;
    this.parts.azure.log(`${this.hub.host}: an AMQP connection ends: the token has expired`);
    this.drop();
  }

  /** Gives back what was not settled. To be called when the transport is gone, however it went. */
  closed(): void {
    for (const sender of [...this.receivers.keys()]) this.dropped(sender);
  }

  /** The peer wants to send to an address. */
  private opened(receiver: rhea.Receiver): void {
    const address = addressOf(receiver.target);
    if (address !== cbsAddress) {
      if (this.path(address) !== sendAddress) throw notKnown(`the AMQP target ${address}`);
      this.allow("cloudToDeviceMessages/send/action", sendAddress);
    }
    answerBothEnds(receiver);
  }

  /** The peer wants to receive from an address. */
  private wanted(sender: rhea.Sender): void {
    const address = addressOf(sender.source);
    if (address === cbsAddress) {
      answerBothEnds(sender);
      this.cbsReply = sender;
      return;
    }
    if (this.path(address) !== feedbackAddress.toLowerCase()) throw notKnown(`the AMQP source ${address}`);
    this.allow("cloudToDeviceMessages/feedback/action", feedbackAddress);
    answerBothEnds(sender);
    this.receivers.set(sender, new FeedbackLink(this.hub, sender, this.parts.feedback));
  }

  private async received(context: rhea.EventContext): Promise<void> {
    const { message, delivery, receiver } = context;
    if (!message || !delivery || !receiver) return;
    const address = addressOf(receiver.target);
    try {
      if (address === cbsAddress) return await this.putToken(message, delivery);
      await this.parts.throttles.take(this.hub, "CloudToDeviceSend");
      const { deviceId, content, acknowledgement, expires } = readAmqpMessage(message);
      this.parts.queue.send(this.hub, deviceId, content, acknowledgement, expires);
      delivery.accept();
    } catch (error) {
      const known = error instanceof HubError ? error : new HubError("ServerError", "InternalServerError");
      if (known !== error) this.parts.azure.log(`${this.hub.host}: AMQP: ${(error as Error).stack}`);
      delivery.reject(errorOf(known));
    }
  }

  private async putToken(message: rhea.Message, delivery: rhea.Delivery): Promise<void> {
    delivery.accept();
    let status = 200;
    let description = "OK";
    try {
      const operation = message.application_properties?.operation;
      if (operation !== "put-token") throw notKnown(`the $cbs operation ${operation}`);
      const token = String(message.body);
      if (isOfDevice(token)) throw notKnown("AMQP for devices: they have MQTT and HTTPS here");
      this.caller = await authenticate(this.parts.azure, this.hub, token);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.parts.azure.log(`${this.hub.host}: AMQP: refused a token: ${error.code}: ${error.message}`);
      // An older token goes on to its end.
      status = error.status;
      description = error.message;
    }
    this.cbsReply?.send({
      correlation_id: message.message_id,
      // An int, as claims-based security has it; by itself rhea would write an unsigned one, which uAMQP does not read.
      application_properties: {
        "status-code": rhea.types.wrap_int(status),
        "status-description": description,
      },
      body: "",
    });
  }

  /** An address in lower case, without the hub that the SDKs for Python and C# put before it. */
  private path(address: string): string {
    const [, host, path] = /^amqps:\/\/([^/:]+)(?::\d+)?(\/.*)$/.exec(address.toLowerCase()) ?? [];
    return host === this.hub.host && path !== undefined ? path : address.toLowerCase();
  }

  private allow(action: DataAction, what: string): void {
    if (!isStandard(this.hub.sku)) {
      throw new HubError("OperationNotAvailableInCurrentTier", `Not available in tier ${this.hub.sku}.`);
    }
    if (!this.caller) throw new HubError("IotHubUnauthorized", "Authorization header missing");
    authorize(this.parts.azure, this.hub, this.caller, [action], what);
  }

  /** Runs what may refuse a link, and closes the link with the reason. */
  private guard(link: rhea.Sender | rhea.Receiver, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.parts.azure.log(`${this.hub.host}: AMQP: ${error.code}: ${error.message}`);
      link.close(errorOf(error) as rhea.AmqpError);
    }
  }

  private settled(
    sender: rhea.Sender | undefined,
    delivery: rhea.Delivery | undefined,
    outcome: "accepted" | "released",
  ): void {
    if (sender && delivery) this.receivers.get(sender)?.settled(delivery, outcome);
  }

  private dropped(sender: rhea.Sender): void {
    this.receivers.get(sender)?.close();
    this.receivers.delete(sender);
  }
}

/** Whether a token is one that a device signs, for itself. */
const isOfDevice = (token: string): boolean => parseSasToken(token)?.resource.includes("/devices/") ?? false;

/** Names both ends of a link as the peer did: where one is missing, uAMQP waits for the link to be refused. */
function answerBothEnds(link: rhea.Sender | rhea.Receiver): void {
  link.set_source({ address: addressOf(link.source) });
  link.set_target({ address: addressOf(link.target) });
}

/** A peer may leave it out. */
const addressOf = (terminus: { address?: unknown } | undefined): string => String(terminus?.address ?? "");
