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

export interface AmqpParts {
  azure: AzureEnvironment;
  queue: CloudToDeviceQueue;
  feedback: Feedback;
  throttles: Throttles;
  /** Milliseconds after which a connection without a valid token is closed. */
  signInTimeoutMs: number;
}

const cbsAddress = "$cbs";
const sendAddress = "/messages/devicebound";
const feedbackAddress = "/messages/serviceBound/feedback";

/** Error conditions that the SDKs know. Any other error is an internal error. */
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
 * One AMQP connection of the service side, as azure-iothub's Client opens it: it signs in by sending a token to $cbs,
 * sends cloud-to-device messages and receives feedback. Devices cannot use AMQP in the sandbox.
 */
export class AmqpConnection {
  readonly hub: Hub;
  /** Closes the transport of the connection. */
  readonly drop: () => void;
  private readonly parts: AmqpParts;
  private readonly feedbackLinks = new Map<rhea.Sender, FeedbackLink>();
  private caller: ServiceCaller | undefined;
  private cbsReply: rhea.Sender | undefined;

  constructor(hub: Hub, connection: rhea.Connection, parts: AmqpParts, drop: () => void) {
    this.hub = hub;
    this.drop = drop;
    this.parts = parts;
    connection.on(
      "receiver_open",
      ({ receiver }) => receiver && this.openLink(receiver, () => this.openReceiver(receiver)),
    );
    connection.on(
      "sender_open",
      ({ sender }) => sender && this.openLink(sender, () => this.openSender(sender)),
    );
    connection.on("message", (context) => void this.handleMessage(context));
    connection.on("sender_close", ({ sender }) => sender && this.closeFeedbackLink(sender));
    connection.on("accepted", ({ delivery, sender }) => this.settle(sender, delivery, "accepted"));
    connection.on("rejected", ({ delivery, sender }) => this.settle(sender, delivery, "accepted"));
    connection.on("released", ({ delivery, sender }) => this.settle(sender, delivery, "released"));
    connection.on("modified", ({ delivery, sender }) => this.settle(sender, delivery, "released"));
    connection.on("disconnected", () => this.closed());
    connection.on("connection_close", () => this.closed());
  }

  get signedIn(): boolean {
    return this.caller !== undefined;
  }

  /** Closes the connection when its token has expired. */
  closeIfExpired(now: number): void {
    if (!this.caller || this.caller.expires > now) return;
    this.parts.azure.log(`${this.hub.host}: closed an AMQP connection: the token has expired`);
    this.drop();
  }

  /** Returns unsettled feedback to its queue. Called after the transport has closed, for whatever reason. */
  closed(): void {
    for (const sender of [...this.feedbackLinks.keys()]) this.closeFeedbackLink(sender);
  }

  /** Opens a link on which the peer sends. */
  private openReceiver(receiver: rhea.Receiver): void {
    const address = addressOf(receiver.target);
    if (address !== cbsAddress) {
      if (this.path(address) !== sendAddress) throw notKnown(`the AMQP target ${address}`);
      this.allow("cloudToDeviceMessages/send/action", sendAddress);
    }
    confirmAddresses(receiver);
  }

  /** Opens a link on which the peer receives. */
  private openSender(sender: rhea.Sender): void {
    const address = addressOf(sender.source);
    if (address === cbsAddress) {
      confirmAddresses(sender);
      this.cbsReply = sender;
      return;
    }
    if (this.path(address) !== feedbackAddress.toLowerCase()) throw notKnown(`the AMQP source ${address}`);
    this.allow("cloudToDeviceMessages/feedback/action", feedbackAddress);
    confirmAddresses(sender);
    this.feedbackLinks.set(sender, new FeedbackLink(this.hub, sender, this.parts.feedback));
  }

  private async handleMessage(context: rhea.EventContext): Promise<void> {
    const { message, delivery, receiver } = context;
    if (!message || !delivery || !receiver) return;
    const address = addressOf(receiver.target);
    try {
      if (address === cbsAddress) return await this.putToken(message, delivery);
      await this.parts.throttles.acquire(this.hub, "CloudToDeviceSend");
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
      if (isDeviceToken(token)) throw notKnown("AMQP for devices: they can use MQTT or HTTPS");
      this.caller = await authenticate(this.parts.azure, this.hub, token);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.parts.azure.log(`${this.hub.host}: AMQP: refused a token: ${error.code}: ${error.message}`);
      // An earlier token stays valid until it expires.
      status = error.status;
      description = error.message;
    }
    this.cbsReply?.send({
      correlation_id: message.message_id,
      // Claims-based security wants an int. rhea would send an unsigned int, which uAMQP does not read.
      application_properties: {
        "status-code": rhea.types.wrap_int(status),
        "status-description": description,
      },
      body: "",
    });
  }

  /** An address in lower case, without the amqps://hub that the SDKs for Python and C# put before it. */
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

  /** Opens a link, and closes it with the reason when `open` refuses it. */
  private openLink(link: rhea.Sender | rhea.Receiver, open: () => void): void {
    try {
      open();
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.parts.azure.log(`${this.hub.host}: AMQP: ${error.code}: ${error.message}`);
      link.close(errorOf(error) as rhea.AmqpError);
    }
  }

  private settle(
    sender: rhea.Sender | undefined,
    delivery: rhea.Delivery | undefined,
    outcome: "accepted" | "released",
  ): void {
    if (sender && delivery) this.feedbackLinks.get(sender)?.settle(delivery, outcome);
  }

  private closeFeedbackLink(sender: rhea.Sender): void {
    this.feedbackLinks.get(sender)?.close();
    this.feedbackLinks.delete(sender);
  }
}

/** Whether a device has signed the token. */
const isDeviceToken = (token: string): boolean =>
  parseSasToken(token)?.resource.includes("/devices/") ?? false;

/** Repeats both addresses of a link as the peer sent them. uAMQP treats a missing address as a refusal. */
function confirmAddresses(link: rhea.Sender | rhea.Receiver): void {
  link.set_source({ address: addressOf(link.source) });
  link.set_target({ address: addressOf(link.target) });
}

/** The address of one end of a link, which a peer can omit. */
const addressOf = (terminus: { address?: unknown } | undefined): string => String(terminus?.address ?? "");
