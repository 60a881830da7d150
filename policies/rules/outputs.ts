import type { Finding, StackRule } from "../rule.ts";
import { isOwn } from "../types.ts";
import type { Properties, Value } from "../value.ts";

/** Text that stands for itself, and is no part of a longer word of the same letters. */
const word = (letters: string, length: string) => `(?<![${letters}])[${letters}]{${length}}(?![${letters}])`;

/**
 * How secrets look, wherever in a text they stand. 32 bytes in base64url are 43 letters of which some are capitals,
 * some are not, and some are digits or signs, in all but one of thousands; a name of that length is none.
 */
const secretShapes: [what: string, shape: RegExp][] = [
  ["a connection string", /(AccountKey|SharedAccessKey|SharedAccessSignature|Password|pwd)\s*=/i],
  ["a shared access signature", /[?&]?sig=[A-Za-z0-9%+/]{20,}/],
  ["a token", /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1/],
  ["a key of 32 or 64 bytes", /(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{43}=(?!=)|[A-Za-z0-9+/]{86}==)/],
  ["a key of 32 bytes", new RegExp(`(?=${word("A-Za-z0-9_-", "43")})${mixed(43)}`)],
  ["a key of 32 bytes", new RegExp(word("0-9a-f", "64"), "i")],
];

/** Looks ahead for a capital, a small letter, and a digit or sign among the next letters. */
function mixed(length: number): string {
  const within = (letters: string) => `(?=[A-Za-z0-9_-]{0,${length - 1}}[${letters}])`;
  return within("A-Z") + within("a-z") + within("0-9_-");
}

/** API Management's own keys look like any other 32 hexadecimal digits: what they are called tells. */
const namedKey = /(key|secret|password|token)\w*"?\s*[:=.]\s*"?[0-9a-f]{32}(?![0-9a-f])/i;

/** Rules on what the stack hands out. */
export const outputRules: StackRule[] = [
  {
    name: "no-secret-in-outputs",
    reason: "Outputs are shown in consoles and logs, and the command line reads them from there.",
    remedy: "Leave it out of the outputs; the command line asks Azure for keys when it needs them.",
    sources: ["AZR-000279"],
    checkStack: (resources) =>
      resources
        .filter(({ type }) => isOwn(type))
        .flatMap((resource) =>
          secretsIn(resource.properties).map(
            ([path, what]): Finding => ({ resource, problem: `the output ${path} looks like ${what}.` }),
          ),
        ),
  },
];

/** Paths and kinds of what looks like a secret; the value itself is never repeated. */
function secretsIn(properties: Properties): [path: string, what: string][] {
  return Object.entries(properties).flatMap(([name, value]) => lookInto(name, value));
}

function lookInto(path: string, value: Value): [path: string, what: string][] {
  if (typeof value === "string") {
    const shape = secretShapes.find(([, expression]) => expression.test(value));
    if (shape) return [[path, shape[0]]];
    return namedKey.test(`${path}=${value}`) ? [[path, "a key of API Management"]] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => lookInto(`${path}.${name}`, inner as Value));
}
