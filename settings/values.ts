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

/** An absolute https URL without a query, a fragment or a user name; a slash at its end is dropped. */
export const httpsUrl = () => {
  const allowed = "an https URL such as https://flow.example.com/api";
  return z
    .string({ error: allowed })
    .refine(isPlainHttps, { error: allowed })
    .transform((url) => url.replace(/\/+$/, ""));
};

/** An e-mail address. */
export const email = () => z.email({ error: "an e-mail address such as operations@example.com" });

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

function isPlainHttps(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === "https:" && !url.search && !url.hash && !url.username && !url.password;
}
