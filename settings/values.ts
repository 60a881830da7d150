import { z } from "zod";

/*
 * Pulumi hands every setting over as a string; lists and maps as JSON. Each builder here takes the words that
 * a person sees when the value is not allowed, so that every message says what is.
 */

/** Text that matches `pattern` as a whole. */
export const text = (allowed: string, pattern: RegExp) =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

/** One of the given words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: words.join(", ") });

/** A whole number from `least` to `most`, both included. */
export const wholeNumber = (least: number, most: number, unit: string) => {
  const allowed = `${unit}, a whole number from ${least} to ${most}`;
  return text(allowed, /^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: allowed });
};

/** true or false. */
export const yesOrNo = () => oneOf("true", "false").transform((word) => word === "true");

/**
 * An https URL in the form in which a browser shows it: no spaces, query, fragment, user name or port 443, and a host
 * in lower case. It is left as it is.
 */
export const exactHttpsUrl = (allowed: string) =>
  z.string({ error: allowed }).refine(isPlainHttps, { error: allowed });

/** The same, without the slashes at its end, so that a path can be put behind it. */
export const httpsUrl = () =>
  exactHttpsUrl("an https URL in its plain form, such as https://flow.example.com/api").transform((url) =>
    url.replace(/\/+$/, ""),
  );

/** An e-mail address. */
export const email = () => z.email({ error: "an e-mail address such as operations@example.com" });

/**
 * Adds to the schema of a list that no two items are alike, told at the later one.
 * @param alike What two items must not have in common; undefined for an item that is not to be compared.
 * @param at The part of an item that the message names; default the item.
 */
export const noneTwice = <Schema extends z.ZodArray>(
  list: Schema,
  alike: (item: Partial<z.infer<Schema>[number]>) => string | undefined,
  allowed: string,
  at: string[] = [],
) =>
  list.superRefine(
    (items, context) => {
      const seen = new Set<string>();
      for (const [index, item] of (Array.isArray(items) ? items : []).entries()) {
        const key = alike((item ?? {}) as Partial<z.infer<Schema>[number]>);
        if (key !== undefined && seen.has(key)) {
          context.addIssue({ code: "custom", path: [index, ...at], message: allowed, input: item });
        }
        if (key !== undefined) seen.add(key);
      }
    },
    // Beside what is wrong with single items.
    { when: () => true },
  );

/** A list or map, written as YAML in the settings file. */
export const structure = <Schema extends z.ZodType>(schema: Schema, allowed: string) =>
  z
    .string({ error: allowed })
    .transform((json, context) => {
      try {
        return JSON.parse(json) as unknown;
      } catch {
        context.issues.push({ code: "custom", message: allowed, input: json });
        return z.NEVER;
      }
    })
    .pipe(schema);

/**
 * Whether the value is what it is read as: a parser takes `https:host`, backslashes and line breaks too, and makes
 * something else of them.
 */
function isPlainHttps(value: string): boolean {
  if (!/^https:\/\/[^\s\\?#@]+$/.test(value) || !URL.canParse(value)) return false;
  const { href } = new URL(value);
  return href === value || href === `${value}/`;
}
