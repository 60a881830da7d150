import { leafValues, type Properties } from "./value.ts";

/** A run of these letters of exactly this length, which is not part of a longer run. */
const run = (letters: string, length: string) => `(?<![${letters}])[${letters}]{${length}}(?![${letters}])`;

/**
 * The shapes of secrets, anywhere in a text. 32 random bytes in base64url have 43 letters. All but one of thousands
 * contain capitals, small letters, and digits or signs; a resource name of that length does not.
 */
const secretShapes: [kind: string, shape: RegExp][] = [
  ["a connection string", /(AccountKey|SharedAccessKey|SharedAccessSignature|Password|pwd)\s*=/i],
  ["a shared access signature", /[?&]?sig=[A-Za-z0-9%+/]{20,}/],
  ["a token", /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/],
  ["a client secret of Entra ID", /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1/],
  ["a key of 32 or 64 bytes", /(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{43}=(?!=)|[A-Za-z0-9+/]{86}==)/],
  ["a key of 32 bytes", new RegExp(`(?=${run("A-Za-z0-9_-", "43")})${mixedLetters(43)}`)],
  ["a key of 32 bytes", new RegExp(run("0-9a-f", "64"), "i")],
];

/** Looks ahead for a capital, a small letter, and a digit or sign in the next `length` letters. */
function mixedLetters(length: number): string {
  const hasOneOf = (letters: string) => `(?=[A-Za-z0-9_-]{0,${length - 1}}[${letters}])`;
  return hasOneOf("A-Z") + hasOneOf("a-z") + hasOneOf("0-9_-");
}

/** Keys of API Management look like any other 32 hexadecimal digits. Only the name beside them identifies them. */
const hexKey = new RegExp(run("0-9a-f", "32"), "i");
const keyName = /key|secret|password|token/i;
const namedHexKey = /(key|secret|password|token)\w*"?\s*[:=][\s"[]*[0-9a-f]{32}(?![0-9a-f])/i;

/** Finds what looks like a secret. Returns path and kind, and never the value. */
export function findSecrets(properties: Properties): [path: string, kind: string][] {
  return [...leafValues(properties)].flatMap(([path, value]): [string, string][] => {
    const texts = typeof value === "string" ? decodings(value) : [];
    const kind = texts.map((text) => secretKind(path, text)).find(Boolean);
    return kind ? [[path, kind]] : [];
  });
}

function secretKind(path: string, text: string): string | undefined {
  const shape = secretShapes.find(([, expression]) => expression.test(text));
  if (shape) return shape[0];
  const isHexKey = namedHexKey.test(text) || (keyName.test(path) && hexKey.test(text));
  return isHexKey ? "a key of API Management" : undefined;
}

/** A text as it is, decoded from URL encoding, and decoded from base64 where that gives printable text. */
function decodings(text: string): string[] {
  const texts = [text];
  try {
    texts.push(decodeURIComponent(text));
  } catch {
    // The text is not URL-encoded.
  }
  const decoded = /^[\w+/-]{24,}={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("latin1") : "";
  return /^[\x20-\x7e\s]+$/.test(decoded) ? [...texts, ...decodings(decoded)] : texts;
}
