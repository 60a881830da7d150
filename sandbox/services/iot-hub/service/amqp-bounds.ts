import type { Duplex } from "node:stream";
import type rhea from "rhea";

/** Maximum frame size that is announced to the peer when the connection opens. */
export const maxFrameBytes = 65_536;
/**
 * Maximum bytes of a frame or of a message, which can consist of many frames. A message has 64 KB as the hub meters it.
 * The rest is for names and lengths, and for slightly larger messages, which the hub refuses with an error.
 */
const maxReadBytes = 256 * 1024;

/**
 * Destroys a stream when a frame or a message is larger than `maxReadBytes`, because rhea would keep all of it in memory.
 * Call this before rhea gets the stream.
 */
export function limitAmqpSizes(stream: Duplex, connection: rhea.Connection): void {
  const receivers = new Set<rhea.Receiver>();
  connection.on("receiver_open", ({ receiver }) => receiver && receivers.add(receiver));
  connection.on("receiver_close", ({ receiver }) => receiver && receivers.delete(receiver));
  const frames = new FrameSizes();
  stream.on("data", (chunk: Buffer) => {
    const unfinished = [...receivers].some((receiver) => unfinishedBytes(receiver) > maxReadBytes);
    if (unfinished || frames.largest(chunk) > maxReadBytes) stream.destroy();
  });
}

/** The bytes of a message that is not complete yet. rhea's types lack `_incomplete`, which has its frames. */
function unfinishedBytes(receiver: rhea.Receiver): number {
  const { _incomplete: message } = receiver as unknown as {
    _incomplete?: { frames: (Buffer | undefined)[] };
  };
  return (message?.frames ?? []).reduce((sum, frame) => sum + (frame?.length ?? 0), 0);
}

/** Reads the frame sizes in a stream: four bytes, which count themselves (AMQP 1.0, part 2, 2.3.1). */
class FrameSizes {
  private header = Buffer.alloc(0);
  /** Bytes until the next frame. */
  private left = 0;

  /** The largest frame size in this chunk; 0 for none. */
  largest(chunk: Buffer): number {
    let largest = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.left > 0) {
        const skipped = Math.min(this.left, chunk.length - at);
        this.left -= skipped;
        at += skipped;
        continue;
      }
      const part = chunk.subarray(at, at + 4 - this.header.length);
      this.header = Buffer.concat([this.header, part]);
      at += part.length;
      if (this.header.length < 4) break;
      // A protocol header, "AMQP" and four bytes of version, has no size.
      const size = this.header.toString("latin1") === "AMQP" ? 8 : this.header.readUInt32BE();
      largest = Math.max(largest, size);
      this.left = Math.max(size, 8) - 4;
      this.header = Buffer.alloc(0);
    }
    return largest;
  }
}
