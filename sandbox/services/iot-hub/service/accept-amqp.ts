import type { Duplex } from "node:stream";
import rhea from "rhea";
import { lingerMs } from "../device/mqtt-channel.ts";
import { limitAmqpSizes, maxFrameBytes } from "./amqp-bounds.ts";

/** An AMQP connection without a frame for this long is closed: four minutes, as in IoT Hub. */
const idleTimeoutMs = 240_000;

/** What serves an AMQP connection. */
export interface ServedConnection {
  /** Whether a valid token has arrived. */
  readonly signedIn: boolean;
  /** Called after the transport has closed, for whatever reason. */
  closed(): void;
}

/** A container whose connections sign in with a token after they have connected, so that SASL needs no password. */
export function createAmqpContainer(id: string): rhea.Container {
  const container = rhea.create_container({ id });
  // uAMQP, the library of the C and Python SDKs, knows this mechanism by Service Bus's name MSSBCBS only. rhea's types do
  // not allow other names.
  const mechanisms = container.sasl_server_mechanisms as unknown as Record<string, unknown>;
  container.sasl_server_mechanisms.enable_anonymous();
  mechanisms.MSSBCBS = mechanisms.ANONYMOUS;
  return container;
}

/**
 * Serves AMQP on an open stream, and ends it when no valid token arrives in time.
 * @param serve Creates what serves the connection.
 * @param closed Called after the transport has closed.
 */
export function acceptAmqp(
  container: rhea.Container,
  stream: Duplex,
  signInTimeoutMs: number,
  serve: (connection: rhea.Connection) => ServedConnection,
  closed: (served: ServedConnection) => void,
): void {
  const connection = container.create_connection({
    idle_time_out: idleTimeoutMs,
    max_frame_size: maxFrameBytes,
    receiver_options: { autoaccept: false },
  } as rhea.ConnectionOptions);
  // The closing events follow an error of the peer. Without listeners rhea would throw the error.
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
  const served = serve(connection);
  const signInTimer = setTimeout(() => served.signedIn || stream.destroy(), signInTimeoutMs);
  stream.on("error", () => stream.destroy());
  // A peer can keep its side open after this side was closed.
  stream.on("finish", () => setTimeout(() => stream.destroy(), lingerMs).unref());
  limitAmqpSizes(stream, connection);
  // rhea's types lack `accept`, which takes over an accepted stream, and `eof`, which reports its end.
  const inner = connection as unknown as { accept(stream: Duplex): void; eof(): void };
  stream.on("close", () => {
    clearTimeout(signInTimer);
    // A destroyed stream emits no "end", and rhea would keep its timers.
    if (!stream.readableEnded) inner.eof();
    served.closed();
    closed(served);
  });
  inner.accept(stream);
}
