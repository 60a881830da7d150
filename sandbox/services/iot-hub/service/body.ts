import { HubError } from "../errors.ts";

/**
 * Reads a request's body.
 * @throws HubError MessageTooLarge as soon as more than `maxBytes` were received.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new HubError("MessageTooLarge", `The body has more than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
