import { createHmac, timingSafeEqual } from "node:crypto";

/** A token SharedAccessSignature sr=…&sig=…&se=…[&skn=…], which a device or a shared access policy has signed. */
export interface SasToken {
  /** The resource as it was signed (URL-encoded). */
  signedResource: string;
  /** The resource, decoded: host/devices/id. */
  resource: string;
  signature: string;
  /** When it expires, in milliseconds since 1970. */
  expires: number;
  /** The expiry as it was signed. */
  signedExpiry: string;
  /** The policy's name. A device's token has none; the C SDK writes an empty one. */
  policy: string | undefined;
}

/** Parses a token. @returns Undefined when the text is not a token. */
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

/**
 * Whether one of these keys has signed the token: HMAC-SHA256 of resource, newline and expiry.
 * @param encoding How the bytes of a key follow from its text; default base64.
 */
export function isSignedBy(token: SasToken, keys: string[], encoding: "base64" | "utf8" = "base64"): boolean {
  const given = Buffer.from(token.signature, "base64");
  return keys.some((key) => {
    const signed = createHmac("sha256", Buffer.from(key, encoding))
      .update(`${token.signedResource}\n${token.signedExpiry}`)
      .digest();
    return given.length === signed.length && timingSafeEqual(given, signed);
  });
}
