import { createHash } from "node:crypto";

/** What a stream held. */
export interface StreamDigest {
  size: number;
  /** Base64. */
  sha256: string;
}

/**
 * Reads a stream to its end in constant memory.
 * @param take Gets each piece; the next one is read when it is done.
 */
export async function hashStream(
  stream: AsyncIterable<Buffer | string>,
  take: (chunk: Buffer) => Promise<void> | void,
): Promise<StreamDigest> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of stream) {
    const chunk = typeof piece === "string" ? Buffer.from(piece) : piece;
    hash.update(chunk);
    size += chunk.length;
    await take(chunk);
  }
  return { size, sha256: hash.digest("base64") };
}
