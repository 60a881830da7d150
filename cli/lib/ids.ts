import { z } from "zod";

/** Names, with or without an ending, that Windows keeps for devices ("Naming Files, Paths, and Namespaces"). */
export const windowsDevice = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/**
 * A terminal's id in lower case: it is the IoT Hub device id, the name of its blob container and the row key
 * of its Flow key. Container names are the narrowest of the three: 3 to 63 characters, letters, digits and
 * single hyphens (Azure documentation, "Naming and referencing containers").
 */
export const terminalId = z
  .string()
  .regex(
    /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/,
    "must be 3 to 63 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends",
  )
  .refine(
    (id) => !windowsDevice.test(id),
    "is a name that Windows keeps for a device, as a file of it would be",
  );

/**
 * A customer's id in lower case: it is the name of the customer's API Management subscription, the partition
 * key of its terminals' Flow keys and the device tag `customer`. 2 to 40 characters.
 */
export const customerId = z
  .string()
  .regex(
    /^[a-z0-9](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/,
    "must be 2 to 40 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends",
  );

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const unreadable = /[\u0000-\u001f\u007f-\u009f\ufffd\u2028\u2029]/;

/** A text that people write: 1 to `longest` characters, none of them unreadable. */
export function printableText(longest: number) {
  return z
    .string()
    .min(1, "is missing")
    .max(longest, `must be ${longest} characters at most`)
    .refine((text) => !unreadable.test(text), "holds a character that cannot be read");
}

/** A short text that people write, such as a site's name. */
export const label = printableText(100);

/** Why `value` does not fit `schema`, in words that follow the name of the value; undefined when it fits. */
export function whyInvalid(schema: z.ZodType, value: string): string | undefined {
  const result = schema.safeParse(value);
  return result.success ? undefined : result.error.issues[0]?.message;
}
