import { HubError } from "./errors.ts";

/**
 * Maximum depth of JSON from clients. Azure documents no limit; Json.NET, Microsoft's usual parser, has 64. The limit also
 * prevents a stack overflow in functions that walk through such values.
 */
const maxDepth = 64;

/**
 * Parses JSON from a client.
 * @param what The subject of error messages, for example "The body".
 * @throws HubError IotHubFormatError for invalid JSON, ArgumentInvalid for JSON that is nested too deep.
 */
export function parseJson(text: string, what: string): unknown {
  if (isDeep(text)) {
    throw new HubError("ArgumentInvalid", `BadRequest: ${what} is nested deeper than ${maxDepth} levels.`);
  }
  try {
    return parseExact(text);
  } catch {
    throw new HubError("IotHubFormatError", `BadRequest: ${what} is not JSON.`);
  }
}

/** The parts of JSON.parse with source text access that TypeScript's library does not have yet. */
const withSource = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source: string }) => unknown,
  ): unknown;
  rawJSON(text: string): { rawJSON: string };
  isRawJSON(value: unknown): value is { rawJSON: string };
};

/** Texts without such a number are parsed without a reviver, which is several times faster. */
const mayHaveLargeNumber = /\d{16}|\d[eE]/;
/** From 2^52 on, a double no longer shows whether the number was an integer, and then which one it was. */
const exactLimit = 2 ** 52;

/**
 * Parses JSON and keeps the text of numbers of 2^52 and more, so that an integer can be distinguished from other numbers
 * and JSON.stringify returns what the client sent.
 */
export function parseExact(text: string): unknown {
  if (!mayHaveLargeNumber.test(text)) return JSON.parse(text);
  return withSource.parse(text, (_, value, { source }) =>
    typeof value === "number" && Math.abs(value) >= exactLimit ? withSource.rawJSON(source) : value,
  );
}

/** The text of a number that parseExact has kept; undefined for any other value. */
export function readLargeNumber(value: unknown): string | undefined {
  return withSource.isRawJSON(value) ? value.rawJSON : undefined;
}

/** Counts the brackets outside of strings. The result for invalid JSON does not matter. */
function isDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (inString && character === "\\") at++;
    else if (character === '"') inString = !inString;
    else if (!inString && "[{".includes(character)) depth++;
    else if (!inString && "]}".includes(character)) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}
