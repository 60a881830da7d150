import { jsonDate } from "./date-time.ts";
import { CsException } from "./exception.ts";
import { JToken } from "./json.ts";

/** Maximum nesting that Json.NET 13 reads. Older versions have no limit. */
const maxDepth = 64;

const lexeme = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Parses JSON as JToken.Parse does by default: members keep their order, and strings that look like dates become
 * dates, so that a cast to string returns another text than the one received. Json.NET's extensions of JSON
 * (comments, single quotes, names without quotes) are rejected.
 * @throws CsException as .NET would.
 */
export function parseJson(text: string): JToken {
  try {
    JSON.parse(text);
  } catch {
    throw unreadable("The text could not be parsed as JSON.");
  }
  // The text is well-formed. It is read again here because JSON.parse moves members with numeric names to the front.
  const open: JToken[] = [];
  let root: JToken | undefined;
  let name: string | undefined;
  const add = (token: JToken) => {
    const parent = open.at(-1);
    if (parent?.type === "Object") parent.members.set(name as string, token);
    else if (parent) parent.elements.push(token);
    else root = token;
    name = undefined;
  };
  for (const [piece] of text.matchAll(lexeme)) {
    if (piece === "{" || piece === "[") {
      const container = piece === "{" ? new JToken("Object", new Map()) : new JToken("Array", []);
      add(container);
      if (open.push(container) > maxDepth) throw unreadable("The reader's MaxDepth of 64 has been exceeded.");
    } else if (piece === "}" || piece === "]") {
      open.pop();
    } else if (piece[0] === '"' && open.at(-1)?.type === "Object" && name === undefined) {
      name = JSON.parse(piece) as string;
    } else if (piece !== "," && piece !== ":") {
      add(scalar(piece));
    }
  }
  return root as JToken;
}

function scalar(piece: string): JToken {
  if (piece[0] === '"') {
    const text = JSON.parse(piece) as string;
    const date = jsonDate(text);
    return date ? new JToken("Date", date) : new JToken("String", text);
  }
  if (piece === "null") return new JToken("Null", null);
  if (piece === "true" || piece === "false") return new JToken("Boolean", piece === "true");
  if (/^-?\d+$/.test(piece)) return new JToken("Integer", BigInt(piece));
  const number = Number(piece);
  if (Number.isFinite(number)) return new JToken("Float", number);
  throw unreadable("Input string is not a valid number.");
}

function unreadable(message: string): CsException {
  return new CsException("JsonReaderException", message);
}
