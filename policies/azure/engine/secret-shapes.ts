import { decodings, textOfBytes } from "./secret-encodings.ts";
import { leafValues, type Properties, type Value } from "./value.ts";

/** The shortest text, in characters, that can be a secret. */
const shortestSecret = 16;
/** The most pieces, in one list or map, that are tried together. */
const mostPieces = 24;

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
  ["a key of 32 bytes", new RegExp(run("A-Z2-7", "52"))],
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
  return [...textsOf(properties)].flatMap(([path, text]): [string, string][] => {
    const kind = kindOfText(path, text);
    return kind ? [[path, kind]] : [];
  });
}

/** Kinds by path and text: many resources have the same tags and names. */
const knownKinds = new Map<string, string | undefined>();

function kindOfText(path: string, text: string): string | undefined {
  if (text.length < shortestSecret) return undefined;
  const key = `${keyName.test(path)} ${text}`;
  if (!knownKinds.has(key)) {
    knownKinds.set(
      key,
      decodings(text)
        .map((each) => secretKind(path, each))
        .find(Boolean),
    );
  }
  return knownKinds.get(key);
}

/** The texts in a value, and those that its parts make together. */
function* textsOf(properties: Properties): Generator<[path: string, text: string]> {
  for (const [path, value] of leafValues(properties)) {
    if (typeof value === "string") yield [path, value];
  }
  for (const [path, items] of groupsOf(properties)) {
    const bytes = items.every((item) => typeof item === "number") ? textOfBytes(items) : undefined;
    if (bytes && items.length >= 16) yield [path, bytes];
    yield* joinedPieces(path, items);
  }
}

/** Pieces of keys have capitals, small letters and digits, or are hexadecimal digits. Names and words are not. */
const looksRandom = (text: string) =>
  [/[A-Z]/, /[a-z]/, /\d/].every((letters) => letters.test(text)) || /^(?=.*\d)[0-9a-f]{16,}$/i.test(text);

/** Two or more texts that could be pieces of a key, in their order, and each two of them. */
function* joinedPieces(path: string, items: Value[]): Generator<[path: string, text: string]> {
  const pieces = items
    .filter((item) => typeof item === "string")
    .filter((item) => /^[\w+/=-]{6,}$/.test(item) && looksRandom(item));
  if (pieces.length < 2 || pieces.length > mostPieces) return;
  yield [path, pieces.join("")];
  for (const one of pieces) for (const other of pieces) if (one !== other) yield [path, one + other];
}

/** The items of each list and each map in a value, with its path. */
function* groupsOf(value: Properties | Value[], path = "its values together"): Generator<[string, Value[]]> {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(
    ([, each]) => each.enumerable,
  );
  // A value that a preview does not know has a getter.
  const items = descriptors
    .filter(([, each]) => !each.get)
    .map(([name, each]) => [name, each.value as Value] as const);
  yield [path, items.map(([, item]) => item)];
  for (const [name, item] of items) {
    if (typeof item === "object" && item !== null)
      yield* groupsOf(item, path.startsWith("its ") ? name : `${path}.${name}`);
  }
}

function secretKind(path: string, text: string): string | undefined {
  const shape = secretShapes.find(([, expression]) => expression.test(text));
  if (shape) return shape[0];
  const isHexKey = namedHexKey.test(text) || (keyName.test(path) && hexKey.test(text));
  return isHexKey ? "a key of API Management" : undefined;
}
