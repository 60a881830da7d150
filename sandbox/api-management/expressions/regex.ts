import { ExpressionProblem } from "./grammar.ts";

/** Pieces of a pattern that mean another thing in JavaScript than in .NET, or nothing at all. */
const refused: [RegExp, string][] = [
  [/^\(\?(?:>|#|\(|[imnsx-]+[):]|'|<[^=!>]*-)/, "grouping construct"],
  [/^\\[GKXRpPc0-9eaN]/, "escape"],
];

const outside: Record<string, string> = {
  "\\d": "\\p{Nd}",
  "\\D": "\\P{Nd}",
  "\\w": "[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]",
  "\\W": "[^\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]",
  "\\A": "(?<![\\s\\S])",
  "\\z": "(?![\\s\\S])",
  "\\Z": "(?=\\n?(?![\\s\\S]))",
  $: "(?=\\n?(?![\\s\\S]))",
  ".": "[^\\n]",
};

const inside: Record<string, string> = { "\\d": "\\p{Nd}", "\\w": "\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}" };

/**
 * A .NET regular expression as a JavaScript one that matches the same: $ also before a last line feed, \d and \w
 * for all of Unicode.
 * @throws ExpressionProblem for what has no equal here.
 */
export function dotnetRegex(pattern: string, ignoreCase: boolean): RegExp {
  let translated = "";
  let inClass = false;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const bad = refused.find(([form]) => form.test(rest));
    if (bad)
      throw new ExpressionProblem(
        `The regular expression's ${bad[1]} '${rest.slice(0, 4)}' is not run by the sandbox.`,
      );
    const piece = rest[0] === "\\" ? rest.slice(0, 2) : rest[0]!;
    if (inClass && piece === "[")
      throw new ExpressionProblem("A '[' inside a character class must be written '\\['.");
    if (piece === "[") inClass = true;
    if (piece === "]") inClass = false;
    translated += (inClass ? inside : outside)[piece] ?? literal(piece, inClass);
    at += piece.length;
  }
  try {
    return new RegExp(translated, ignoreCase ? "giu" : "gu");
  } catch {
    throw new ExpressionProblem("The regular expression is not one that the sandbox runs.");
  }
}

/** Keeps what both understand; an escaped character that needs no escape stands for itself. */
function literal(piece: string, inClass: boolean): string {
  if (piece[0] !== "\\" || /^\\[bBdDsSwWtnrfvuxk]$/.test(piece)) return piece;
  const character = piece.slice(1);
  const special = inClass ? /[\\\]\-^]/ : /[\\^$.|?*+()[\]{}/]/;
  return special.test(character) ? piece : character;
}
