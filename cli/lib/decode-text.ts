/**
 * Decodes a text file of a person: UTF-8, or UTF-16 as Windows PowerShell 5.1 writes it with `>`. The encoding is
 * recognised by the byte order mark, which is removed; without one by the zero bytes that each letter of ASCII has in
 * UTF-16. Bytes that are invalid become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (second === 0 && first !== 0) return "utf-16le";
  return first === 0 && second !== 0 ? "utf-16be" : "utf-8";
}
