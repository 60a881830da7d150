import { leaves, type Properties } from "./value.ts";

/** Text that stands for itself, and is no part of a longer word of the same letters. */
const word = (letters: string, length: string) => `(?<![${letters}])[${letters}]{${length}}(?![${letters}])`;

/**
 * How secrets look, wherever in a text they stand. 32 bytes in base64url are 43 letters of which some are capitals,
 * some are not, and some are digits or signs, in all but one of thousands; a name of that length is none.
 */
const secretShapes: [what: string, shape: RegExp][] = [
  ["a connection string", /(AccountKey|SharedAccessKey|SharedAccessSignature|Password|pwd)\s*=/i],
  ["a shared access signature", /[?&]?sig=[A-Za-z0-9%+/]{20,}/],
  ["a token", /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/],
  ["a password of Entra ID", /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1/],
  ["a key of 32 or 64 bytes", /(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{43}=(?!=)|[A-Za-z0-9+/]{86}==)/],
  ["a key of 32 bytes", new RegExp(`(?=${word("A-Za-z0-9_-", "43")})${mixed(43)}`)],
  ["a key of 32 bytes", new RegExp(word("0-9a-f", "64"), "i")],
];

/** Looks ahead for a capital, a small letter, and a digit or sign among the next letters. */
function mixed(length: number): string {
  const within = (letters: string) => `(?=[A-Za-z0-9_-]{0,${length - 1}}[${letters}])`;
  return within("A-Z") + within("a-z") + within("0-9_-");
}

/** API Management's own keys look like any other 32 hexadecimal digits: what they are called tells. */
const hexKey = new RegExp(word("0-9a-f", "32"), "i");
const keyName = /key|secret|password|token/i;
const namedKey = /(key|secret|password|token)\w*"?\s*[:=][\s"[]*[0-9a-f]{32}(?![0-9a-f])/i;

/** Paths and kinds of what looks like a secret; the value itself is never repeated. */
export function secretsIn(properties: Properties): [path: string, what: string][] {
  return [...leaves(properties)].flatMap(([path, value]): [string, string][] => {
    const texts = typeof value === "string" ? readings(value) : [];
    const what = texts.map((text) => secretIn(path, text)).find(Boolean);
    return what ? [[path, what]] : [];
  });
}

function secretIn(path: string, text: string): string | undefined {
  const shape = secretShapes.find(([, expression]) => expression.test(text));
  if (shape) return shape[0];
  const isKey = namedKey.test(text) || (keyName.test(path) && hexKey.test(text));
  return isKey ? "a key of API Management" : undefined;
}

/** A text as it is, and without the encoding for URLs or in base64 that it may have. */
function readings(text: string): string[] {
  const found = [text];
  try {
    found.push(decodeURIComponent(text));
  } catch {
    // It is not encoded for URLs.
  }
  const decoded = /^[\w+/-]{24,}={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("latin1") : "";
  return /^[\x20-\x7e\s]+$/.test(decoded) ? [...found, ...readings(decoded)] : found;
}
