import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExpressionContext } from "../../../../../sandbox/services/api-management/expressions/context.ts";
import { compileExpression } from "../../../../../sandbox/services/api-management/expressions/expression.ts";
import { dotnetRegex } from "../../../../../sandbox/services/api-management/expressions/regex.ts";

const run = (source: string) =>
  compileExpression(source).run({ context: {} as ExpressionContext, now: () => 0 });
const quoted = (text: string) =>
  JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
const matches = (text: string, pattern: string, more = "") =>
  run(`Regex.IsMatch(${quoted(text)}, ${quoted(pattern)}${more})`);
const matchesAnyCase = (text: string, pattern: string) => matches(text, pattern, ", RegexOptions.IgnoreCase");

// What .NET gives for all of these was seen with mono 6.8, whose Regex is .NET Framework's own.
test.each([
  ["æ", "[\\W]", false],
  ["æ", "[^\\W]", true],
  ["٣", "[\\D]", false],
  ["٣", "^\\d$", true],
  ["æ", "\\bæ\\b", true],
  ["a æ", "a\\s\\bæ", true],
  ["a\u200db", "a\\b", false],
  ["a\u200d", "^a\\w$", false],
  ["\u0301", "\\w", true],
  ["\u0903", "\\w", false],
  ["\u203f", "\\w", true],
  ["\u0085", "\\s", true],
  ["\ufeff", "\\s", false],
  ["\u180e", "\\s", false],
  ["😀", "^..$", true],
  ["😀", "^.$", false],
  ["\r", ".", true],
  ["\u2028", ".", true],
  ["\n", ".", false],
  ["a\n", "a$", true],
  ["a\r\n", "a$", false],
  ["a\n", "a\\Z", true],
  ["a\n", "a\\z", false],
  ["b\na", "^a", false],
  ["a]b", "[]]", true],
  ["a", "[^]]", true],
  ["-", "[\\d-x]", true],
  ["x{,2}", "^x{,2}$", true],
  ["x{a}", "^x{a}$", true],
  ["]}", "]}", true],
  ["\b", "[\\b]", true],
  ["\u0007\u001b", "^\\a\\e$", true],
  ["\u0001AéA", "^\\cA\\x41\\u00e9A$", true],
  ["/-", "\\/\\-", true],
  ["K", "k", false],
])("%j against %j is %s", (text, pattern, expected) => {
  expect(matches(text, pattern)).toBe(expected);
});

test.each([
  ["K", "k", true],
  ["É", "é", true],
  ["K", "[j-l]", true],
  ["K", "[^j-l]", false],
  ["ſ", "s", false],
  ["\u212a", "k", false],
  ["İ", "i", false],
  ["ı", "I", false],
  ["ς", "σ", false],
  ["Σ", "σ", true],
  ["[", "[@-\\[]", true],
])("%j against %j without regard to case is %s", (text, pattern, expected) => {
  expect(matchesAnyCase(text, pattern)).toBe(expected);
});

test("groups are numbered as .NET does: those with names come last", () => {
  const value = (pattern: string, group: string) =>
    run(`Regex.Match("abcd", ${quoted(pattern)}).Groups[${group}].Value`);
  expect(value("(?<x>a)(b)(?'y'c)(d)", "1")).toBe("b");
  expect(value("(?<x>a)(b)(?'y'c)(d)", "2")).toBe("d");
  expect(value("(?<x>a)(b)(?'y'c)(d)", "3")).toBe("a");
  expect(value("(?<x>a)(b)(?'y'c)(d)", '"4"')).toBe("c");
  expect(value("(?<x>a)(b)(?'y'c)(d)", '"y"')).toBe("c");
  expect(value("(?<constructor>a)", '"constructor"')).toBe("a");
  expect(value("(?<x>a)", '"constructor"')).toBe("");
  expect(value("(z)?a", "1")).toBe("");
  expect(value("(?:b|(c))d", "1")).toBe("c");
  expect(run('Regex.Match("abc", "x").Groups[0].Success')).toBe(false);
  expect(run('Regex.Replace("abc", "x*", "-")')).toBe("-a-b-c-");
});

test.each([
  ["(?i)a", "grouping construct"],
  ["(?>a)", "grouping construct"],
  ["(?#c)a", "grouping construct"],
  ["(?<n-m>a)", "grouping construct"],
  ["(?<1>a)", "grouping construct"],
  ["(?<n>a)|(?<n>b)", "second group of the same name"],
  ["(a)\\1", "escape '\\1"],
  ["(?<n>a)\\k<n>", "escape '\\k<n"],
  ["\\p{L}", "escape '\\p"],
  ["\\_", "escape '\\_"],
  ["\\i", "escape '\\i"],
  ["[\\_]", "escape '\\_"],
  ["[a-c-[b]]", "must be written '\\['"],
  ["[a-\\d]", "end of a range"],
  ["^*a", "quantifier of an anchor"],
  ["(?=a)+", "quantifier of an anchor"],
  ["(a*)+?", "lazy quantifier"],
  ["[b-a]", "reverse order"],
  ["[", "Unterminated"],
  ["[]", "Unterminated"],
  ["(", "Not enough )'s"],
  ["a)", "Too many )'s"],
  ["*a", "following nothing"],
  ["a**", "following nothing, or another"],
  ["a*+", "following nothing, or another"],
  ["a|+", "following nothing"],
  ["a{2,1}", "x > y"],
  ["a\\", "Illegal \\ at end"],
])("the pattern %j is refused", (pattern, reason) => {
  expect(() => matches("", pattern)).toThrow(reason);
});

test("Match refuses the groups for which .NET and JavaScript keep different captures", () => {
  for (const pattern of ["(a)*", "(?:(a)|b)+", "((a)){2}", "(a*)?", "(|a)?"]) {
    expect(() => run(`Regex.Match("a", ${quoted(pattern)})`)).toThrow("more than once");
    expect(matches("aa", pattern)).toBe(true);
  }
  for (const pattern of ["(a)?", "(a){1}", "(?:a)*", "(a|b)?", "(a)b*"]) {
    expect(() => run(`Regex.Match("a", ${quoted(pattern)})`)).not.toThrow();
  }
});

test("a literal pattern finds what it spells, in any case", () => {
  const escaped = (text: string) => text.replace(/[\\*+?|{[()^$.#]/g, "\\$&");
  const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 8 }), (units) => {
      const text = units.join("");
      const { expression } = dotnetRegex(`^${escaped(text)}\\z`, false);
      expect(expression.test(text)).toBe(true);
      expect(dotnetRegex(`^[${escaped(units[0]!)}]`, true).expression.test(text)).toBe(true);
    }),
  );
});
