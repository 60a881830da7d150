import type { Duplex } from "node:stream";
import type rhea from "rhea";

/** The largest frame that a peer should send, as it is told when the connection opens. */
export const frameBytes = 65_536;
/**
 * The most that is read of a frame, and of a message, which may come in many: 64 KB as the hub meters it, with room
 * for the names and lengths of what is in it, and for the refusal of somewhat larger ones.
 */
const mostBytes = 256 * 1024;

/**
 * Cuts a stream whose peer announces a frame of more than MOST_BYTES, or goes on with a message of more than that:
 * rhea waits for the whole of either. To be called before rhea gets the stream.
 */
export function boundAmqp(stream: Duplex, connection: rhea.Connection): void {
  const receivers = new Set<rhea.Receiver>();
  connection.on("receiver_open", ({ receiver }) => receiver && receivers.add(receiver));
  connection.on("receiver_close", ({ receiver }) => receiver && receivers.delete(receiver));
  const frames = new FrameSizes();
  stream.on("data", (chunk: Buffer) => {
    const unfinished = [...receivers].some((receiver) => unfinishedBytes(receiver) > mostBytes);
    if (unfinished || frames.largest(chunk) > mostBytes) stream.destroy();
  });
}

/** Left out of rhea's typings: the frames of a message that has not come to its end. */
function unfinishedBytes(receiver: rhea.Receiver): number {
  const { _incomplete: message } = receiver as unknown as {
    _incomplete?: { frames: (Buffer | undefined)[] };
  };
  return (message?.frames ?? []).reduce((sum, frame) => sum + (frame?.length ?? 0), 0);
}

/** Follows the frames in a stream: four bytes of size, which count themselves (AMQP 1.0, part 2, 2.3.1). */
class FrameSizes {
  private header = Buffer.alloc(0);
  /** Bytes until the next frame begins. */
  private left = 0;

  /** The largest size that is announced in this chunk; 0 for none. */
  largest(chunk: Buffer): number {
    let largest = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.left > 0) {
        const skipped = Math.min(this.left, chunk.length - at);
        this.left -= skipped;
        at += skipped;
        continue;
      }
      const taken = chunk.subarray(at, at + 4 - this.header.length);
      this.header = Buffer.concat([this.header, taken]);
      at += taken.length;
      if (this.header.length < 4) break;
      // Each layer begins with its name and four bytes of version instead.
      const size = this.header.toString("latin1") === "AMQP" ? 8 : this.header.readUInt32BE();
      largest = Math.max(largest, size);
      this.left = Math.max(size, 8) - 4;
      this.header = Buffer.alloc(0);
    }
    return largest;
  }
}
