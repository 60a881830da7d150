import rhea from "rhea";
import type { Resource } from "../../../resource-manager/resources.ts";
import { parseSasToken } from "../device/sas-token.ts";
import type { Hub } from "../hub.ts";
import { consumerGroupType, defaultGroup } from "../resource-types/consumer-group.ts";
import type { ServedConnection } from "../service/accept-amqp.ts";
import { hasRight, policyOfEventsToken } from "../service/policy-token.ts";
import { EventsError, eventsError } from "./events-error.ts";
import { answerManagement, outOfRange, partitionNumber } from "./management.ts";
import { ReceiverLink, type ReceiverParts } from "./receiver-link.ts";

const cbsAddress = "$cbs";
const managementAddress = "$management";
const receiverAddress = /^\/?(.+)\/consumergroups\/([^/]+)\/partitions\/([^/]+)$/i;

/** A token that the client has put: what it is for, whether it may listen, and when it expires. */
interface Claim {
  /** The resource without scheme, in lower case: host/path. */
  resource: string;
  canListen: boolean;
  expires: number;
}

/**
 * One AMQP connection to a hub's built-in endpoint, as clients of Event Hubs open it: tokens through $cbs, properties
 * through $management, and receivers of partitions. Reading needs a policy with ServiceConnect: iot-hub/
 * iot-hub-devguide-messages-read-builtin. The endpoint accepts no tokens of Entra ID: iot-hub/iot-hub-dev-guide-azure-ad-rbac
 * ("use the connection string (shared access key) method"), Azure/azure-sdk-for-rust issue 3652.
 */
export class EventsConnection implements ServedConnection {
  readonly hub: Hub;
  /** Closes the transport of the connection. */
  readonly drop: () => void;
  private readonly parts: ReceiverParts;
  private readonly claims = new Map<string, Claim>();
  private readonly receivers = new Map<rhea.Sender, ReceiverLink>();
  /** The links of answers, by the address that requests name as reply-to. */
  private readonly replies = new Map<string, rhea.Sender>();

  constructor(hub: Hub, connection: rhea.Connection, parts: ReceiverParts, drop: () => void) {
    this.hub = hub;
    this.drop = drop;
    this.parts = parts;
    connection.on(
      "receiver_open",
      ({ receiver }) => receiver && this.open(receiver, () => this.openInbound(receiver)),
    );
    connection.on(
      "sender_open",
      ({ sender }) => sender && this.open(sender, () => this.openOutbound(sender)),
    );
    connection.on("message", (context) => this.handleMessage(context));
    connection.on("sender_close", ({ sender }) => sender && this.endReceiver(sender));
    connection.on("session_close", ({ session }) => session && this.endSession(session));
    connection.on("disconnected", () => this.closed());
    connection.on("connection_close", () => this.closed());
  }

  get signedIn(): boolean {
    return this.claims.size > 0;
  }

  /** Closes the connection when all of its tokens have expired. A client renews them before. */
  closeIfExpired(now: number): void {
    if (!this.signedIn || [...this.claims.values()].some(({ expires }) => expires > now)) return;
    this.parts.azure.log(`${this.hub.events.host}: closed a connection: its tokens have expired`);
    this.drop();
  }

  closed(): void {
    for (const sender of [...this.receivers.keys()]) this.endReceiver(sender);
  }

  /** Opens a link on which the client sends. */
  private openInbound(receiver: rhea.Receiver): void {
    const address = addressOf(receiver.target);
    if (address === managementAddress)
      this.authorize(`${this.hub.events.path}/${managementAddress}`, "Listen");
    // The hub's policies have no right to send to the endpoint: home-assistant/core issue 41437.
    else if (address !== cbsAddress) throw this.missing("Send", address);
    confirmAddresses(receiver);
  }

  /** Opens a link on which the client receives. */
  private openOutbound(sender: rhea.Sender): void {
    const address = addressOf(sender.source);
    if (address === cbsAddress || address === managementAddress) {
      confirmAddresses(sender);
      this.replies.set(address, sender);
      this.replies.set(addressOf(sender.target), sender);
      return;
    }
    // The Python client sends the whole URL.
    const path = address.replace(/^amqps?:\/\/[^/]+/i, "");
    const [, entity = "", group = "", partition] = receiverAddress.exec(path) ?? [];
    this.authorize(path.replace(/^\//, ""), "Listen");
    const { events } = this.hub;
    if (entity.toLowerCase() !== events.path.toLowerCase() || !this.hasGroup(decodeURIComponent(group))) {
      throw eventsError("notFound", `The messaging entity 'sb://${events.host}${path}' could not be found.`);
    }
    const number = partitionNumber(partition, events.partitions);
    if (number === undefined) throw eventsError("outOfRange", outOfRange(partition, events.partitions));
    // Deliveries are settled when they are sent: a client of Event Hubs keeps its position itself.
    const local = sender as unknown as { local: { attach: { snd_settle_mode: number } } };
    local.local.attach.snd_settle_mode = 1;
    confirmAddresses(sender);
    this.receivers.set(sender, new ReceiverLink(this.hub, group, number, sender, this.parts));
  }

  /** $Default always exists. */
  private hasGroup(name: string): boolean {
    if (name.toLowerCase() === defaultGroup.toLowerCase()) return true;
    const id = `${this.hub.resourceId}/eventHubEndpoints/events/ConsumerGroups/${name}`;
    const group: Resource | undefined = this.parts.azure.resources.get(id);
    return group?.type === consumerGroupType;
  }

  private handleMessage({ message, delivery, receiver }: rhea.EventContext): void {
    if (!message || !delivery || !receiver) return;
    delivery.accept();
    const address = addressOf(receiver.target);
    const properties = (message.application_properties ?? {}) as Record<string, unknown>;
    if (address === cbsAddress) this.putToken(message, properties);
    else if (address === managementAddress) this.manage(message, properties);
  }

  private putToken(message: rhea.Message, { operation, name }: Record<string, unknown>): void {
    const refusal =
      operation === "put-token" ? this.acceptToken(String(name), String(message.body)) : "operation";
    if (refusal) this.parts.azure.log(`${this.hub.events.host}: AMQP: refused a token: ${refusal}`);
    this.reply(cbsAddress, message, {
      status: refusal ? 401 : 200,
      description: refusal ?? "OK",
      condition: refusal ? "amqp:unauthorized-access" : undefined,
      body: "",
    });
  }

  /** @returns Why the token is refused; undefined when it is accepted. The texts are those of Event Hubs. */
  private acceptToken(name: string, text: string): string | undefined {
    const token = parseSasToken(text);
    if (!token)
      return "InvalidAudience: Only SAS tokens of the IoT hub's shared access policies are accepted.";
    if (token.expires <= this.parts.azure.clock.now()) return "ExpiredToken: The token is expired.";
    if (!this.hub.publicAccess) return "Unauthorized access. Public network access is disabled.";
    const policy = policyOfEventsToken(this.parts.azure, this.hub, token);
    if (!policy) return "InvalidSignature: The token has an invalid signature.";
    this.claims.set(name, {
      resource: withoutScheme(token.resource),
      canListen: hasRight(policy, "ServiceConnect"),
      expires: token.expires,
    });
    return undefined;
  }

  private manage(message: rhea.Message, properties: Record<string, unknown>): void {
    const now = this.parts.azure.clock.now();
    const answer = answerManagement(this.hub, this.parts.events, now, properties);
    this.reply(managementAddress, message, answer);
  }

  private reply(
    address: string,
    message: rhea.Message,
    answer: { status: number; description: string; condition?: string | undefined; body: unknown },
  ): void {
    const sender = this.replies.get(String(message.reply_to ?? "")) ?? this.replies.get(address);
    sender?.send({
      correlation_id: message.message_id,
      application_properties: {
        "status-code": rhea.types.wrap_int(answer.status),
        "status-description": answer.description,
        ...(answer.condition ? { "error-condition": rhea.types.wrap_symbol(answer.condition) } : {}),
      },
      body: answer.body,
    });
  }

  /** @throws EventsError unless a token for the path, or for a prefix of it, is valid and may listen. */
  private authorize(path: string, right: string): void {
    const wanted = `${this.hub.events.host}/${path}`.toLowerCase();
    const now = this.parts.azure.clock.now();
    const allowed = [...this.claims.values()].some(
      ({ resource, canListen, expires }) =>
        canListen && expires > now && `${wanted}/`.startsWith(`${resource.replace(/\/$/, "")}/`),
    );
    if (!allowed) throw this.missing(right, path);
  }

  /** The text of Event Hubs, from home-assistant/core issue 41437. */
  private missing(right: string, path: string): EventsError {
    return eventsError(
      "unauthorized",
      `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: ` +
        `'sb://${this.hub.events.host}/${path.replace(/^\//, "")}'.`,
    );
  }

  private open(link: rhea.Sender | rhea.Receiver, openLink: () => void): void {
    try {
      openLink();
    } catch (error) {
      const known =
        error instanceof EventsError
          ? error
          : eventsError("argument", "The address of the link is not valid.");
      this.parts.azure.log(`${this.hub.events.host}: AMQP: ${known.message}`);
      link.close(known.amqp as rhea.AmqpError);
    }
  }

  private endSession(session: rhea.Session): void {
    for (const sender of [...this.receivers.keys()]) if (sender.session === session) this.endReceiver(sender);
  }

  private endReceiver(sender: rhea.Sender): void {
    this.receivers.get(sender)?.end();
    this.receivers.delete(sender);
  }
}

/** A resource of a token is sb://host/path; a client can also sign for amqps:// or https://. */
function withoutScheme(resource: string): string {
  return resource.toLowerCase().replace(/^[a-z]+:\/\//, "");
}

function confirmAddresses(link: rhea.Sender | rhea.Receiver): void {
  link.set_source({ address: addressOf(link.source) });
  link.set_target({ address: addressOf(link.target) });
}

const addressOf = (terminus: { address?: unknown } | undefined): string => String(terminus?.address ?? "");
