import { HubError } from "../errors.ts";

/**
 * Reads a request's body, and gives up as soon as it is too large.
 * @param most In bytes.
 * @throws HubError MessageTooLarge.
 */
export async function readBody(request: Request, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > most) throw new HubError("MessageTooLarge", `The body has more than ${most} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
