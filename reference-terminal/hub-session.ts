import type { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type CredentialBundle, webSocketFailure } from "@terminal-fleet/cli/terminal-support";
import device, { type Client, type Twin } from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import type { TwinSections } from "./reconcile.ts";

/** Maximum time for an answer of the IoT Hub, in milliseconds. The SDK's twin requests have no timeout. */
const answerMs = 30_000;

const noAnswer = "The IoT Hub did not answer.";

/** Maximum time for a graceful close, in milliseconds. */
const closeMs = 5_000;

/** Why a session ended: its token expires soon, the connection broke, or the terminal closed it. */
export type SessionEnd = "renew" | "lost" | "closed";

/**
 * One connection to the IoT Hub: MQTT over WebSocket on port 443, with a token that the terminal signs. MQTT cannot renew a
 * token, so a session lasts as long as its token. The SDK's reconnecting is off: the terminal opens a new session and reads
 * the twin again, and thus misses no change.
 */
export class HubSession {
  private readonly client: Client;
  private twin: Twin | undefined;
  private closing: Promise<void> | undefined;
  private end: (how: SessionEnd) => void = () => {};
  /** Resolves when the session has ended. */
  readonly ended: Promise<SessionEnd>;

  private constructor(client: Client) {
    this.client = client;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /**
   * Connects.
   * @param options.tokenSeconds Validity of the token. The session ends after about three quarters of it.
   * @param options.agent Agent for a proxy; undefined for a direct connection.
   * @throws Error with the name UnauthorizedError when the IoT Hub rejects the terminal, or NotConnectedError when it was not
   *   reached.
   */
  static async open(options: {
    hub: CredentialBundle["hub"];
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
      // The SDK's promise stays pending when the connection ends before the IoT Hub has answered.
      await session.answered(client.open());
    } catch (error) {
      await session.close();
      throw connectionError(error as Error, webSocketFailure(options.agent));
    }
    // The random part spreads terminals that connected at the same time.
    const renewal = setTimeout(
      () => session.end("renew"),
      options.tokenSeconds * 1000 * (0.7 + 0.1 * options.random()),
    );
    void session.ended.then(() => clearTimeout(renewal));
    return session;
  }

  /**
   * Reads the twin and subscribes to its changes.
   * @param onTwin Called with the current twin, and after each change of its desired properties.
   */
  async follow(onTwin: (twin: TwinSections) => void): Promise<void> {
    const twin = await this.answered(this.client.getTwin());
    twin.on("error", () => this.end("lost"));
    // The SDK subscribes when the first listener is added. Reading the twin after that misses no change.
    twin.on("properties.desired", () => {
      if (this.twin) onTwin(this.twin.properties);
    });
    await this.answered(twin.get());
    this.twin = twin;
    onTwin(twin.properties);
  }

  /** Merges into the reported properties. Null removes a member. @throws Error when the IoT Hub does not accept it. */
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

  /** Closes the connection. All calls wait for the same close. */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async closeNow(): Promise<void> {
    this.end("closed");
    // A broken connection cannot be closed gracefully, and the SDK does not always report that.
    const late = new AbortController();
    const closed = this.client.close().catch(() => {});
    await Promise.race([closed, sleep(closeMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    this.client.removeAllListeners();
    this.client.on("error", () => {});
  }

  /** Rejects when the answer takes too long, or the session ends before. */
  private async answered<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.end("lost");
        reject(new Error(noAnswer));
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
 * The actual reason of a failed connection. The SDK reports each failure of a client's first connection as
 * UnauthorizedError, including network errors (https://github.com/Azure/azure-iot-sdk-node/issues/817). Its message contains
 * the reason, except for an HTTP answer in place of the WebSocket.
 * @param answer What is known of such an answer.
 */
function connectionError(error: Error, answer: string | undefined): Error {
  const [, reason] = /Failure on first connection \(Not authorized\): (.*) error$/s.exec(error.message) ?? [];
  if (answer !== undefined || error.message === noAnswer) {
    return Object.assign(new Error(answer ?? noAnswer), { name: "NotConnectedError" });
  }
  // MQTT.js words a CONNACK that rejects the client like this.
  if (!reason || /^Connection refused: (Not authorized|Bad user|Identifier)/.test(reason)) return error;
  return Object.assign(new Error(reason), { name: "NotConnectedError" });
}
