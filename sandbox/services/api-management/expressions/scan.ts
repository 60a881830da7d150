/**
 * Finds the end of a C# expression without parsing it: counts parentheses outside of strings, character literals
 * and comments.
 * @param text The whole text.
 * @param open Index of the opening parenthesis, bracket or brace.
 * @returns Index after the closing one, or undefined when there is none.
 */
export function endOfExpression(text: string, open: number): number | undefined {
  const opening = text[open];
  const closing = opening === "{" ? "}" : opening === "[" ? "]" : ")";
  let depth = 0;
  let at = open;
  while (at < text.length) {
    const skipped = skipLiteral(text, at);
    if (skipped === undefined) return undefined;
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if (text[at] === opening) depth += 1;
    else if (text[at] === closing) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/**
 * Index after the string, character literal or comment that starts at `at`; `at` itself when none starts there.
 * @param onHole Receives where the code between the braces of an interpolated string starts and ends.
 */
export function skipLiteral(
  text: string,
  at: number,
  onHole?: (from: number, to: number) => void,
): number | undefined {
  const begin = /^(?:\/\/|\/\*|\$@"|@\$"|\$"|@"|"|'|)/.exec(text.slice(at, at + 3))?.[0] ?? "";
  switch (begin) {
    case "//":
      return orUndefined(text.indexOf("\n", at), 1);
    case "/*":
      return orUndefined(text.indexOf("*/", at + 2), 2);
    case '"':
    case "'":
      return endOfQuoted(text, at + 1, begin, true);
    case '@"':
      return endOfQuoted(text, at + 2, '"', false);
    case '$"':
      return endOfInterpolated(text, at + 2, true, onHole);
    case '$@"':
    case '@$"':
      return endOfInterpolated(text, at + 3, false, onHole);
    default:
      return at;
  }
}

function orUndefined(index: number, length: number): number | undefined {
  return index < 0 ? undefined : index + length;
}

/** @param escapes Whether a backslash escapes the next character. Verbatim strings double the quote instead. */
function endOfQuoted(text: string, from: number, quote: string, escapes: boolean): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (escapes && text[at] === "\\") at += 1;
    else if (text[at] === quote && !escapes && text[at + 1] === quote) at += 1;
    else if (text[at] === quote) return at + 1;
    else if (escapes && text[at] === "\n") return undefined;
  }
  return undefined;
}

function endOfInterpolated(
  text: string,
  from: number,
  escapes: boolean,
  onHole?: (from: number, to: number) => void,
): number | undefined {
  let at = from;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    if (two === "{{" || two === "}}" || (escapes && two[0] === "\\") || (!escapes && two === '""')) {
      at += 2;
    } else if (text[at] === "{") {
      const end = endOfExpression(text, at);
      if (end === undefined) return undefined;
      onHole?.(at + 1, end - 1);
      at = end;
    } else if (text[at] === '"') {
      return at + 1;
    } else {
      at += 1;
    }
  }
  return undefined;
}
