import { createHash } from "node:crypto";

/** Size and hash of a stream's content. */
export interface StreamDigest {
  size: number;
  /** Base64. */
  sha256: string;
}

/**
 * Reads a stream to its end in constant memory.
 * @param onChunk Receives each chunk. The next one is read when its promise has resolved.
 */
export async function hashStream(
  stream: AsyncIterable<Buffer | string>,
  onChunk: (chunk: Buffer) => Promise<void> | void,
): Promise<StreamDigest> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of stream) {
    const chunk = typeof piece === "string" ? Buffer.from(piece) : piece;
    hash.update(chunk);
    size += chunk.length;
    await onChunk(chunk);
  }
  return { size, sha256: hash.digest("base64") };
}
