import { ExpressionProblem } from "./grammar.ts";
import { Bool, enumeration, Int, StringType } from "./primitives.ts";
import { dotnetRegex } from "./regex.ts";
import { CsType, type Verify } from "./types.ts";
import { CsException } from "./values.ts";

export const RegexOptionsType = enumeration("RegexOptions", "None", "IgnoreCase");

/** A match or a group in it; null stands for one that found nothing. */
const GroupType = new CsType("Group", "class")
  .property("Success", Bool, (found: { text: string | null }) => found.text !== null)
  .property("Value", StringType, (found: { text: string | null }) => found.text ?? "");

interface Found {
  text: string | null;
  /** By number and by name. */
  groups: Map<string, string | undefined>;
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

/** Patterns are constants, so that what they need is known when the policy is deployed. */
const constantPattern: Verify = ([, pattern]) => {
  if (typeof pattern !== "string") {
    throw new ExpressionProblem(
      "The pattern of a regular expression must be a constant for the sandbox to run it.",
    );
  }
  dotnetRegex(pattern, false);
};

const compiled = new Map<string, RegExp>();

function regex(pattern: string, options: string): RegExp {
  const key = `${options} ${pattern}`;
  const expression = compiled.get(key) ?? dotnetRegex(pattern, options === "IgnoreCase");
  compiled.set(key, expression);
  expression.lastIndex = 0;
  return expression;
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
    constantPattern,
  );
}
RegexType.fn("Replace", [StringType, StringType, StringType], StringType, replace, constantReplacement);

function isMatch([text, pattern, options]: [string | null, string, string?]): boolean {
  return regex(pattern, options ?? "None").test(present(text));
}

function match([text, pattern, options]: [string | null, string, string?]): Found {
  const found = regex(pattern, options ?? "None").exec(present(text));
  const numbered = (found ?? []).map((text, index) => [String(index), text] as const);
  return {
    text: found?.[0] ?? null,
    groups: new Map([...numbered, ...Object.entries(found?.groups ?? {})]),
  };
}

function replace([text, pattern, by]: [string | null, string, string]): string {
  return present(text).replace(regex(pattern, "None"), () => by);
}

function constantReplacement(constants: unknown[]): void {
  constantPattern(constants);
  if (typeof constants[2] === "string" && !constants[2].includes("$")) return;
  throw new ExpressionProblem("Regex.Replace is run with a constant replacement without '$' only.");
}
