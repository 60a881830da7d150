import { CsException } from "./exception.ts";
import { ExpressionProblem } from "./grammar.ts";
import { Bool, enumeration, Int, StringType } from "./primitives.ts";
import { type DotnetRegex, dotnetRegex } from "./regex.ts";
import { CsType, type Verify } from "./types.ts";

export const RegexOptionsType = enumeration("RegexOptions", "None", "IgnoreCase");

/** A match or a group of it. A null text means that it did not match. */
const GroupType = new CsType("Group", "class")
  .property("Success", Bool, (found: { text: string | null }) => found.text !== null)
  .property("Value", StringType, (found: { text: string | null }) => found.text ?? "");

interface Found {
  text: string | null;
  /** Groups by number and by name. */
  groups: Map<string, string | null>;
}

const group = (found: Found, [name]: (string | number)[]) => ({
  text: found.groups.get(String(name)) ?? null,
});

const GroupsType = new CsType("GroupCollection", "class")
  .index([StringType], GroupType, group)
  .index([Int], GroupType, group);

const MatchType = new CsType("Match", "class", { base: GroupType }).property(
  "Groups",
  GroupsType,
  (found: Found) => found,
);

/** Patterns must be constants, so that an unsupported one is rejected when the policy is deployed. */
function constantRegex([, pattern, options]: unknown[]): DotnetRegex {
  if (typeof pattern === "string") return dotnetRegex(pattern, options === "IgnoreCase");
  throw new ExpressionProblem(
    "The pattern of a regular expression must be a constant, because the sandbox compiles it at deployment.",
  );
}

const constantPattern: Verify = (constants) => {
  constantRegex(constants);
};

const constantMatch: Verify = (constants) => {
  if (!constantRegex(constants).repeatsGroups) return;
  throw new ExpressionProblem(
    "The sandbox supports Regex.Match only without groups that may match more than once: write (?:…) for those that repeat.",
  );
};

const compiled = new Map<string, DotnetRegex>();

function regex(pattern: string, options: string): DotnetRegex {
  const key = `${options} ${pattern}`;
  const known = compiled.get(key) ?? dotnetRegex(pattern, options === "IgnoreCase");
  compiled.set(key, known);
  known.expression.lastIndex = 0;
  return known;
}

const present = (text: string | null): string => {
  if (text === null) throw new CsException("ArgumentNullException", "Value cannot be null.");
  return text;
};

export const RegexType = new CsType("Regex", "class");
for (const options of [[], [RegexOptionsType]]) {
  RegexType.fn("IsMatch", [StringType, StringType, ...options], Bool, isMatch, constantPattern).fn(
    "Match",
    [StringType, StringType, ...options],
    MatchType,
    match,
    constantMatch,
  );
}
RegexType.fn("Replace", [StringType, StringType, StringType], StringType, replace, constantReplacement);

function isMatch([text, pattern, options]: [string | null, string, string?]): boolean {
  return regex(pattern, options ?? "None").expression.test(present(text));
}

function match([text, pattern, options]: [string | null, string, string?]): Found {
  const { expression, groups } = regex(pattern, options ?? "None");
  const found = expression.exec(present(text));
  return {
    text: found?.[0] ?? null,
    groups: new Map([...groups].map(([name, number]) => [name, found?.[number] ?? null])),
  };
}

function replace([text, pattern, by]: [string | null, string, string]): string {
  return present(text).replace(regex(pattern, "None").expression, () => by);
}

function constantReplacement(constants: unknown[]): void {
  constantPattern(constants);
  if (typeof constants[2] === "string" && !constants[2].includes("$")) return;
  throw new ExpressionProblem(
    "The sandbox supports Regex.Replace only with a constant replacement without '$'.",
  );
}
