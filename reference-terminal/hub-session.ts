import type { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Handover } from "@terminal-fleet/cli/terminal-support";
import device, { type Client, type Twin } from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import type { TwinSections } from "./reconcile.ts";

/** How long the hub may take to answer. A twin request of the SDK has no end of its own. */
const answerMs = 30_000;

/** How long closing in good order may take. */
const closeMs = 5_000;

/** How a session ended: its token is near its end, the connection broke, or the terminal closed it. */
export type SessionEnd = "renew" | "lost" | "closed";

/**
 * One connection to the IoT Hub: MQTT over WebSocket on port 443, signed in with a token that the terminal signs
 * itself. Over MQTT a token is renewed by connecting again, so a session lasts as long as its token. It connects once
 * and never by itself again: whoever connects anew reads the twin anew, and misses nothing.
 */
export class HubSession {
  private readonly client: Client;
  private twin: Twin | undefined;
  private closing: Promise<void> | undefined;
  private end: (how: SessionEnd) => void = () => {};
  /** Resolves when the session is over. */
  readonly ended: Promise<SessionEnd>;

  private constructor(client: Client) {
    this.client = client;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /**
   * Connects.
   * @param options.tokenSeconds How long the token is valid; the session ends after three quarters of it.
   * @param options.agent The way through a proxy.
   * @throws Error with the name UnauthorizedError when the hub refuses, NotConnectedError when it was not reached.
   */
  static async open(options: {
    hub: Handover["hub"];
    tokenSeconds: number;
    agent: Agent | undefined;
    random: () => number;
  }): Promise<HubSession> {
    const { hostName, deviceId, primaryKey } = options.hub;
    const expiry = Math.ceil(Date.now() / 1000) + options.tokenSeconds;
    const token = device.SharedAccessSignature.create(hostName, deviceId, primaryKey, expiry).toString();
    const client = device.Client.fromSharedAccessSignature(token, MqttWs);
    client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 });
    const session = new HubSession(client);
    client.on("disconnect", () => session.end("lost"));
    client.on("error", () => session.end("lost"));
    try {
      if (options.agent) await client.setOptions({ mqtt: { webSocketAgent: options.agent } });
      // The SDK leaves it open when the connection ends before the hub has answered.
      await session.answered(client.open());
    } catch (error) {
      await session.close();
      throw causeOf(error as Error);
    }
    // Many terminals that connected together should not renew together.
    const renewal = setTimeout(
      () => session.end("renew"),
      options.tokenSeconds * 1000 * (0.7 + 0.1 * options.random()),
    );
    void session.ended.then(() => clearTimeout(renewal));
    return session;
  }

  /**
   * Reads the twin and follows it.
   * @param onTwin Called with the twin as it is now, and whenever the operators change it.
   */
  async follow(onTwin: (twin: TwinSections) => void): Promise<void> {
    const twin = await this.answered(this.client.getTwin());
    twin.on("error", () => this.end("lost"));
    // The SDK subscribes with the first listener; reading after that misses nothing in between.
    twin.on("properties.desired", () => {
      if (this.twin) onTwin(this.twin.properties);
    });
    await this.answered(twin.get());
    this.twin = twin;
    onTwin(twin.properties);
  }

  /** Merges into the reported properties; null removes. @throws Error when the hub does not take it. */
  async report(patch: object): Promise<void> {
    const { twin } = this;
    if (!twin) throw new Error("The session has no twin.");
    await this.answered(
      new Promise<void>((resolve, reject) => {
        twin.properties.reported.update(patch, (error: Error | undefined) =>
          error ? reject(error) : resolve(),
        );
      }),
    );
  }

  /** Closes the connection, once; whoever asks again waits for the same end. */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async closeNow(): Promise<void> {
    this.end("closed");
    // A connection that is gone cannot be closed in good order, and the SDK does not always say so.
    const late = new AbortController();
    const closed = this.client.close().catch(() => {});
    await Promise.race([closed, sleep(closeMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    this.client.removeAllListeners();
    this.client.on("error", () => {});
  }

  private async answered<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.end("lost");
        reject(new Error("The hub did not answer."));
      }, answerMs);
    });
    const over = this.ended.then(() => Promise.reject(new Error("The connection ended.")));
    try {
      return await Promise.race([work, over, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * What kept a connection from being made. The SDK calls every failure of a client's first connection UnauthorizedError,
 * also one of the network (https://github.com/Azure/azure-iot-sdk-node/issues/817), and names the cause in its message.
 */
function causeOf(error: Error): Error {
  const [, cause] = /Failure on first connection \(Not authorized\): (.*) error$/s.exec(error.message) ?? [];
  // The hub's own answer, as MQTT.js words a CONNACK.
  if (!cause || /^Connection refused: (Not authorized|Bad user|Identifier)/.test(cause)) return error;
  return Object.assign(new Error(cause), { name: "NotConnectedError" });
}
