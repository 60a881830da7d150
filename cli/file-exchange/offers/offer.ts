import { hash, randomInt } from "node:crypto";
import { z } from "zod";
import { blobUrl } from "../../azure/azure-hosts.ts";
import { reservedWindowsName } from "../../lib/ids.ts";
import { t } from "../../words/translate.ts";

/** The direction of a file, seen from the terminal. */
export type Direction = "download" | "upload";

// biome-ignore lint/suspicious/noControlCharactersInRegex: file names must not contain control characters.
const invalidInFileNames = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\ufffd\u2028\u2029]/;

/**
 * A file name without a folder, valid on Windows and other systems and in a URL: 1 to 120 characters (UTF-16 code
 * units) and at most 255 bytes of UTF-8.
 */
export const fileName = z
  .string()
  .min(1, { error: () => t`must not be empty` })
  .max(120, { error: () => t`must have at most 120 characters` })
  .refine((name) => name.isWellFormed() && Buffer.byteLength(name) <= 255, {
    error: () => t`must have at most 255 bytes`,
  })
  .refine((name) => !invalidInFileNames.test(name), {
    error: () => t`must not contain a control character or one of < > : " / \\ | ? *`,
  })
  .refine((name) => !/[. ]$/.test(name) && !name.startsWith(" "), {
    error: () => t`must not end with a dot or a space`,
  })
  .refine((name) => !reservedWindowsName.test(name), {
    error: () => t`is a reserved device name of Windows`,
  });

/** SHA-256 in base64. */
export const sha256 = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be base64 of 32 bytes");

/** Offer ID: creation time and random characters, so that IDs sort by age. It is the key in the device twin. */
export const offerId = z.string().regex(/^[0-9a-z]{20}$/);

const common = {
  name: fileName,
  /** The file link: URL of the blob with a service SAS. A secret. A property of a twin has at most 4 KB. */
  url: blobUrl,
  /** When the link expires, ISO 8601. */
  validUntil: z.iso.datetime(),
};

/**
 * An offer: a file that the terminal is to download or upload, in its device twin under desired.files.<ID>. The
 * terminal ignores unknown properties.
 */
export const offer = z.discriminatedUnion("direction", [
  z.object({ direction: z.literal("download"), ...common, size: z.int().min(0), sha256 }),
  z.object({ direction: z.literal("upload"), ...common }),
]);

export type Offer = z.infer<typeof offer>;
export type DownloadOffer = Extract<Offer, { direction: "download" }>;
export type UploadOffer = Extract<Offer, { direction: "upload" }>;

/** Why a terminal failed to complete an offer. */
export const failureReasons = {
  expired: () => t`the file link expired before the transfer was complete`,
  refused: () =>
    t`Azure Storage rejected the file link: the terminal was revoked, or the signing key was rotated`,
  missing: () => t`the file does not exist in the storage account`,
  mismatch: () => t`the received file differs from the offered size or SHA-256, also after a retry`,
  unknownName: () => t`the terminal has no file of this name`,
  disk: () => t`the terminal's disk is full or cannot be written`,
  invalid: () => t`the terminal does not understand the offer`,
} as const;

export type FailureReason = keyof typeof failureReasons;

const at = z.iso.datetime();

/** The terminal's acknowledgement of an offer, in its device twin under reported.files.<ID>. */
export const acknowledgement = z.discriminatedUnion("state", [
  z.object({ state: z.literal("done"), sha256, size: z.int().min(0), at }),
  z.object({
    state: z.literal("failed"),
    reason: z.enum(Object.keys(failureReasons) as [FailureReason, ...FailureReason[]]),
    at,
  }),
]);

export type Acknowledgement = z.infer<typeof acknowledgement>;

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Creates an offer ID. */
export function newOfferId(now: number): string {
  const random = Array.from({ length: 11 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return now.toString(36).padStart(9, "0") + random;
}

/** The offer ID that a time and a text determine: a run that continues after a kill uses the same ID again. */
export function derivedOfferId(now: number, text: string): string {
  let rest = BigInt(`0x${hash("sha256", text)}`);
  let letters = "";
  while (letters.length < 11) {
    letters += alphabet[Number(rest % 36n)];
    rest /= 36n;
  }
  return now.toString(36).padStart(9, "0") + letters;
}

/**
 * Parses the section `files` of a device twin into the entries that match `schema` and the keys of all others. Other
 * software can write to a twin, so that no shape is assumed.
 */
export function parseEntries<T>(
  schema: z.ZodType<T>,
  section: unknown,
): { known: Map<string, T>; unknown: string[] } {
  const known = new Map<string, T>();
  const unknown: string[] = [];
  const files = (section as { files?: unknown } | undefined)?.files;
  if (typeof files !== "object" || files === null) return { known, unknown };
  for (const [id, value] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parsed = offerId.safeParse(id).success ? schema.safeParse(value) : undefined;
    if (parsed?.success) known.set(id, parsed.data);
    else unknown.push(id);
  }
  return { known, unknown };
}
