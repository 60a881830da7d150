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
    return JSON.parse(text);
  } catch {
    throw new HubError("IotHubFormatError", `BadRequest: ${what} is not JSON.`);
  }
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
