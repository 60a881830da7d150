import { hash } from "node:crypto";

/** Base64 of the SHA-256 of bytes, or of a text in UTF-8. */
export function sha256Base64(data: string | Uint8Array): string {
  return hash("sha256", data, "base64");
}

/** The SHA-256 of a text in UTF-8, in hexadecimal digits. */
export function sha256Hex(text: string): string {
  return hash("sha256", text);
}
