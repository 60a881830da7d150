import { HubError } from "./errors.ts";

/**
 * How deep JSON from outside may be nested. The service's limit is not documented; its makers' own reader, Json.NET,
 * stops at 64. Here it also keeps what walks through such values from running out of stack.
 */
const maxDepth = 64;

/**
 * Reads JSON that came from outside.
 * @param what For the message, for example "The body".
 * @throws HubError IotHubFormatError when it is none, ArgumentInvalid when it is nested too deep.
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

/** Counts brackets outside of texts; what is no JSON may count as anything. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && "[{".includes(character)) depth++;
    else if (!quoted && "]}".includes(character)) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}
