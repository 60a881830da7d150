import { createHmac, timingSafeEqual } from "node:crypto";

/** A token of the form SharedAccessSignature sr=…&sig=…&se=…[&skn=…], as devices and hub policies sign it. */
export interface SasToken {
  /** The resource it is for, as it was signed (URL-encoded). */
  signedResource: string;
  /** The same, decoded: host/devices/id. */
  resource: string;
  signature: string;
  /** When it ends, in milliseconds. */
  expires: number;
  /** The expiry as it was signed. */
  signedExpiry: string;
  /** The policy's name; device tokens have none, or an empty one, as the C SDK writes it. */
  policy: string | undefined;
}

/** Reads a token; undefined when it is not one. */
export function parseSasToken(text: string): SasToken | undefined {
  const found = /^SharedAccessSignature\s+(.+)$/i.exec(text.trim());
  if (!found) return undefined;
  const parts = new Map<string, string>();
  for (const part of (found[1] as string).split("&")) {
    const [name = "", ...value] = part.split("=");
    parts.set(name.toLowerCase(), value.join("="));
  }
  const [sr, sig, se] = [parts.get("sr"), parts.get("sig"), parts.get("se")];
  if (!sr || !sig || !se || !/^\d+$/.test(se)) return undefined;
  try {
    return {
      signedResource: sr,
      resource: decodeURIComponent(sr),
      signature: decodeURIComponent(sig),
      expires: Number(se) * 1000,
      signedExpiry: se,
      policy: decodeURIComponent(parts.get("skn") ?? "") || undefined,
    };
  } catch {
    return undefined;
  }
}

/** Whether the token was signed with one of these keys (base64): HMAC-SHA256 over resource, newline and expiry. */
export function isSignedBy(token: SasToken, keys: string[]): boolean {
  const given = Buffer.from(token.signature, "base64");
  return keys.some((key) => {
    const signed = createHmac("sha256", Buffer.from(key, "base64"))
      .update(`${token.signedResource}\n${token.signedExpiry}`)
      .digest();
    return given.length === signed.length && timingSafeEqual(given, signed);
  });
}
