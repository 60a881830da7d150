import { randomInt } from "node:crypto";
import { z } from "zod";
import { windowsDevice } from "../../lib/ids.ts";

/** Which way a file goes, seen from the terminal. */
export type Direction = "download" | "upload";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const unfitForFiles = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\ufffd\u2028\u2029]/;

/**
 * A file's name without a folder, as terminals on Windows and others can keep it, and as it fits into a URL:
 * 1 to 120 characters (UTF-16 code units) and 255 bytes of UTF-8 at most.
 */
export const fileName = z
  .string()
  .min(1, "must not be empty")
  .max(120, "must have 120 characters at most")
  .refine((name) => name.isWellFormed() && Buffer.byteLength(name) <= 255, "must have 255 bytes at most")
  .refine(
    (name) => !unfitForFiles.test(name),
    'must not hold a control character or one of < > : " / \\ | ? *',
  )
  .refine((name) => !/[. ]$/.test(name) && !name.startsWith(" "), "must not end with a dot or a space")
  .refine((name) => !windowsDevice.test(name), "is a name that Windows keeps for a device");

/** Base64 of a SHA-256. */
export const sha256 = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be base64 of 32 bytes");

/** An offer's id: when it was made and chance, so that ids sort by age. It is the key in the twin. */
export const offerId = z.string().regex(/^[0-9a-z]{20}$/);

const common = {
  name: fileName,
  /**
   * The file's address with its own key, a service SAS. A secret. It is kept short enough for the 4 KB that a twin
   * gives a property.
   */
  url: z.url({ protocol: /^https$/ }).max(4000),
  /** When the key ends, ISO 8601. */
  validUntil: z.iso.datetime(),
};

/**
 * A file that a terminal is to fetch or to deliver, as its twin has it in desired.files.ID. The terminal ignores
 * members that it does not know.
 */
export const offer = z.discriminatedUnion("direction", [
  z.object({ direction: z.literal("download"), ...common, size: z.int().min(0), sha256 }),
  z.object({ direction: z.literal("upload"), ...common }),
]);

export type Offer = z.infer<typeof offer>;
export type DownloadOffer = Extract<Offer, { direction: "download" }>;
export type UploadOffer = Extract<Offer, { direction: "upload" }>;

/** Why a terminal gave an offer up. */
export const failureReasons = {
  expired: "its key's time was over before it could be done",
  refused: "the storage account refused the key: the terminal was revoked, or the signing key was renewed",
  missing: "there is no such file in the storage account any more",
  mismatch: "what arrived has another size or SHA-256 than was offered, also when tried again",
  unknownName: "the terminal has no file of this name to deliver",
  disk: "the terminal's disk is full, or cannot be written",
  invalid: "the terminal does not understand the offer",
} as const;

export type FailureReason = keyof typeof failureReasons;

const at = z.iso.datetime();

/** A terminal's last word on an offer, as its twin has it in reported.files.ID. */
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

/** A new offer's id. */
export function newOfferId(now: number): string {
  const chance = Array.from({ length: 11 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return now.toString(36).padStart(9, "0") + chance;
}

/**
 * The entries of a twin's section `files`: those that `schema` takes, and the keys of those that it does not.
 * Nothing in a twin is trusted to have the right shape: other software writes there too.
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
    const read = offerId.safeParse(id).success ? schema.safeParse(value) : undefined;
    if (read?.success) known.set(id, read.data);
    else unknown.push(id);
  }
  return { known, unknown };
}
