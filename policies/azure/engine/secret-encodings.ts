import { gunzipSync, inflateSync } from "node:zlib";

/** How many encodings may be around each other. */
const maximumDepth = 4;
/** Longer texts are not reversed and not read as a whole in another alphabet: no key is that long. */
const maximumLength = 8192;

type Decoding = (text: string) => string | undefined;

/** A text as it is, and as it reads in each of the usual encodings, one inside the other. */
export function decodings(text: string): string[] {
  const found = new Set([text]);
  let latest = [text];
  for (let depth = 0; depth < maximumDepth && latest.length > 0; depth++) {
    latest = latest
      .flatMap((each) => encodings.map((decode) => decode(each)))
      .filter((each) => each !== undefined)
      .filter((each) => each.length > 15 && !found.has(each));
    for (const each of latest) found.add(each);
  }
  // Reversing twice gives the text again, so it is not one of the encodings inside each other.
  const short = [...found].filter(({ length }) => length <= maximumLength);
  return [...found, ...short.map((each) => [...each].reverse().join(""))];
}

const printable = /^[\x20-\x7e\s]+$/;

/** Bytes as text, if they are text, or unpacked, if they are packed. */
function readBytes(bytes: Buffer): string | undefined {
  const unpacked = unpack(bytes);
  const text = unpacked.toString("latin1").replaceAll("\0", "");
  return text !== "" && printable.test(text) ? text : undefined;
}

/** @returns The bytes themselves when they are not packed. */
function unpack(bytes: Buffer): Buffer {
  const limit = { maxOutputLength: 65_536 };
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, limit);
    if (bytes[0] === 0x78) return inflateSync(bytes, limit);
  } catch {
    // The first bytes are those of something else.
  }
  return bytes;
}

const percentEncoding: Decoding = (text) => {
  if (!text.includes("%")) return undefined;
  try {
    return decodeURIComponent(text.replaceAll("+", "%2B"));
  } catch {
    return undefined;
  }
};

const base64: Decoding = (text) =>
  text.length <= maximumLength && /^[\w+/-]{20,}={0,2}$/.test(text)
    ? readBytes(Buffer.from(text, "base64"))
    : undefined;

const hexadecimal: Decoding = (text) =>
  text.length <= maximumLength && /^(0x)?([0-9a-f]{2}){10,}$/i.test(text)
    ? readBytes(Buffer.from(text.replace(/^0x/i, ""), "hex"))
    : undefined;

const base32: Decoding = (text) => {
  if (text.length > maximumLength || !/^[A-Z2-7]{24,}=*$/.test(text)) return undefined;
  const bits = [...text.replace(/=+$/, "")]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return readBytes(Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))));
};

const byteNumbers: Decoding = (text) =>
  /^\s*\[?\s*\d{1,3}(\s*,\s*\d{1,3}){15,}\s*\]?\s*$/.test(text)
    ? textOfBytes((text.match(/\d+/g) ?? []).map(Number))
    : undefined;

/** Bytes as text, or in hexadecimal digits when they are no text: so their number shows whether they are a key. */
export function textOfBytes(numbers: number[]): string | undefined {
  if (!numbers.every((number) => Number.isInteger(number) && number >= 0 && number <= 255)) return undefined;
  const bytes = Buffer.from(numbers);
  return readBytes(bytes) ?? bytes.toString("hex");
}

const escapes: Decoding = (text) => {
  const decoded = text
    .replace(/\\u\{?([0-9a-f]{1,6})\}?/gi, (_, code: string) => fromCode(Number.parseInt(code, 16)))
    .replace(/\\x([0-9a-f]{2})/gi, (_, code: string) => fromCode(Number.parseInt(code, 16)))
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, code: string) => fromCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,7});/g, (_, code: string) => fromCode(Number(code)));
  return decoded === text ? undefined : decoded;
};

const fromCode = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : "");

/** A text in pieces between which the same sign is: long pieces, or single letters. Words of a sentence are neither. */
const pieces: Decoding = (text) => {
  if (text.length > maximumLength) return undefined;
  for (const sign of ["\n", " ", ":", "-", ",", ";", "|", "."]) {
    const parts = text.split(sign).filter(Boolean);
    if (parts.length < 2 || !parts.every((part) => /^[\w+/=-]+$/.test(part.trim()))) continue;
    const lengths = parts.map(({ length }) => length);
    if (lengths.every((length) => length <= 2) || lengths.slice(0, -1).every((length) => length >= 10)) {
      return parts.map((part) => part.trim()).join("");
    }
  }
  return undefined;
};

const encodings: Decoding[] = [percentEncoding, base64, hexadecimal, base32, byteNumbers, escapes, pieces];
