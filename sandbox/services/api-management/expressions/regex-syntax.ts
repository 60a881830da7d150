import { ExpressionProblem } from "./grammar.ts";
import { addAll, addRange, noUnits, shorthand, type Units } from "./regex-class.ts";

const controls = new Map(
  Object.entries({ a: 0x07, b: 0x08, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b }),
);

/** Reads a character class after its ^. A leading ] is a literal. */
export function classAt(pattern: string, start: number): { units: Units; end: number } {
  const units = noUnits();
  const first = pattern[start + 1] === "^" ? start + 2 : start + 1;
  for (let at = first; at < pattern.length; ) {
    if (pattern[at] === "]" && at > first) return { units, end: at + 1 };
    const rest = pattern.slice(at);
    if (rest[0] === "[") throw problem("A '[' inside a character class must be written '\\['.");
    if (/^\\[dDwWsS]/.test(rest)) {
      addAll(units, shorthand(rest[1] as string));
      at += 2;
      continue;
    }
    const from = classUnit(rest);
    at += from.length;
    if (pattern[at] !== "-" || pattern[at + 1] === "]" || pattern[at + 1] === undefined) {
      addRange(units, from.unit, from.unit);
      continue;
    }
    const end = pattern.slice(at + 1);
    if (/^(?:\[|\\[dDwWsS-])/.test(end)) throw unsupported("end of a range", end);
    const to = classUnit(end);
    if (to.unit < from.unit) throw problem("[x-y] range in reverse order.");
    addRange(units, from.unit, to.unit);
    at += 1 + to.length;
  }
  throw problem("Unterminated [] set.");
}

function classUnit(rest: string): { unit: number; length: number } {
  return rest[0] === "\\" ? escapedUnit(rest) : { unit: rest.charCodeAt(0), length: 1 };
}

/** One escaped unit. An escaped non-word character is a literal. */
export function escapedUnit(rest: string): { unit: number; length: number } {
  const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(rest);
  if (hex) return { unit: Number.parseInt((hex[1] ?? hex[2]) as string, 16), length: hex[0].length };
  const control = /^\\c([A-Za-z])/.exec(rest)?.[1];
  if (control) return { unit: control.toUpperCase().charCodeAt(0) - 64, length: 3 };
  const character = rest[1];
  if (character === undefined) throw problem("Illegal \\ at end of pattern.");
  const unit = controls.get(character) ?? character.charCodeAt(0);
  if (!controls.has(character) && shorthand("w")[unit]) throw unsupported("escape", rest);
  return { unit, length: 2 };
}

/** Rejects a pattern that .NET rejects too. */
export function problem(message: string): ExpressionProblem {
  return new ExpressionProblem(`The regular expression is not supported by the sandbox: ${message}`);
}

/** Rejects unsupported syntax by its first characters. */
export function unsupported(what: string, rest: string): ExpressionProblem {
  return new ExpressionProblem(
    `The regular expression's ${what} '${rest.slice(0, 4)}' is not supported by the sandbox.`,
  );
}
