import { z } from "zod";

/*
 * Schemas of single values. Pulumi passes every setting as a string, with JSON for a list or a map. The parameter `allowed`
 * of a schema is the text that its message gives as allowed values.
 */

/** A text that matches `pattern`. */
export const text = (allowed: string, pattern: RegExp) =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

/** One of these words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: words.join(", ") });

/** A whole number from `minimum` to `maximum`, both included. */
export const wholeNumber = (minimum: number, maximum: number, unit: string) => {
  const allowed = `${unit}, a whole number from ${minimum} to ${maximum}`;
  return text(allowed, /^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { error: allowed });
};

/** true or false. */
export const yesOrNo = () => oneOf("true", "false").transform((word) => word === "true");

/**
 * An https URL in its normal form: without spaces, query, fragment, user name and port 443, and with a host in lower case.
 * The value stays unchanged.
 */
export const exactHttpsUrl = (allowed: string) =>
  z.string({ error: allowed }).refine(isNormalHttps, { error: allowed });

/** An https URL in its normal form. Slashes at its end are removed, so that a path can be appended. */
export const httpsUrl = () =>
  exactHttpsUrl("an https URL in its normal form, such as https://flow.example.com/api").transform((url) =>
    url.replace(/\/+$/, ""),
  );

/** An e-mail address. */
export const email = () => z.email({ error: "an e-mail address such as operations@example.com" });

/**
 * A list without equal items. The message names the later of two equal items.
 * @param keyOf The value by which items are compared; undefined for an item that is not compared.
 * @param path Path of the part of an item that the message names; default: the item.
 */
export const unique = <Schema extends z.ZodArray>(
  list: Schema,
  keyOf: (item: Partial<z.infer<Schema>[number]>) => string | undefined,
  allowed: string,
  path: string[] = [],
) =>
  list.superRefine(
    (items, context) => {
      const seen = new Set<string>();
      for (const [index, item] of (Array.isArray(items) ? items : []).entries()) {
        const key = keyOf((item ?? {}) as Partial<z.infer<Schema>[number]>);
        if (key !== undefined && seen.has(key)) {
          context.addIssue({ code: "custom", path: [index, ...path], message: allowed, input: item });
        }
        if (key !== undefined) seen.add(key);
      }
    },
    // Run also when single items are invalid.
    { when: () => true },
  );

/** A list or a map: YAML in the settings file, JSON in the configuration. */
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
 * Whether parsing the URL does not change it. A parser also accepts `https:host`, backslashes and line breaks, and converts
 * them.
 */
function isNormalHttps(value: string): boolean {
  if (!/^https:\/\/[^\s\\?#@]+$/.test(value) || !URL.canParse(value)) return false;
  const { href } = new URL(value);
  return href === value || href === `${value}/`;
}
