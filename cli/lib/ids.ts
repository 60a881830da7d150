import { z } from "zod";
import { t } from "../words/translate.ts";
import { findInvisible, hasLineBreak, normalizeName } from "./names.ts";

/** File names, with or without an extension, that Windows reserves ("Naming Files, Paths, and Namespaces"). */
export const reservedWindowsName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/**
 * A terminal ID in lower case. It is the device ID at the IoT Hub, the name of the blob container and the row key of the
 * Flow key row. Container names have the strictest rules of the three: 3 to 63 characters, letters, digits and single
 * hyphens (Azure documentation, "Naming and referencing containers").
 */
export const terminalId = z
  .string()
  .regex(/^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/, {
    error: () => t`must be 3 to 63 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends`,
  })
  .refine((id) => !reservedWindowsName.test(id), {
    error: () => t`is a name that Windows reserves, so no file can have it`,
  });

/**
 * A customer ID in lower case, 2 to 40 characters. It is the name of the API Management subscription, the partition key of
 * the Flow key rows and the tag `customer` of the device twins.
 */
export const customerId = z.string().regex(/^[a-z0-9](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/, {
  error: () => t`must be 2 to 40 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends`,
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose.
const unprintable = /[\u0000-\u001f\u007f-\u009f\ufffd\u2028\u2029]/;

const cannotBePrinted = { error: () => t`contains a character that cannot be printed` };

/** Text from people: 1 to `longest` printable characters. */
export function printableText(longest: number) {
  return z
    .string()
    .min(1, { error: () => t`is missing` })
    .max(longest, { error: () => t`must be ${longest} characters at most` })
    .refine((text) => !unprintable.test(text), cannotBePrinted);
}

/**
 * A name from people, of a site or a terminal, as `normalizeName` writes it. Invisible characters are rejected, because
 * two names with and without them look the same.
 */
export const label = z
  .string()
  .refine((text) => !hasLineBreak(text), { error: () => t`contains a line break` })
  .refine((text) => !/[\p{Cs}\p{Co}]/u.test(text), cannotBePrinted)
  .transform(normalizeName)
  .pipe(
    printableText(100).superRefine((text, context) => {
      const found = findInvisible(text);
      if (found !== undefined) {
        context.addIssue({
          code: "custom",
          message: t`contains the invisible character ${found}: delete it`,
        });
      }
    }),
  );

/** Why `value` does not match `schema`, worded to follow the name of the value; undefined when it matches. */
export function whyInvalid(schema: z.ZodType, value: string): string | undefined {
  const result = schema.safeParse(value);
  return result.success ? undefined : result.error.issues[0]?.message;
}
