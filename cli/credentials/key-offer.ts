import { createHash } from "node:crypto";
import { z } from "zod";
import { offerId, sha256 } from "../file-exchange/offers/offer.ts";

/**
 * New keys for a terminal, as its twin has them in desired.keys: a hand-over, sealed for the terminal alone. The id
 * has the form of an offer's.
 */
export const keyOffer = z.object({
  id: offerId,
  /** Base64 of a hand-over in the age format; the twin takes texts of 4 KB. */
  sealed: z.base64().max(4096),
});

export type KeyOffer = z.infer<typeof keyOffer>;

/** Why a terminal does not take new keys. */
export const keyRefusals = {
  unreadable: "they are not sealed for the key that the terminal has now, or are no hand-over",
  foreign: "they are for another terminal or another IoT Hub",
  outdated: "they are older than the keys that it has",
  hubRefused: "the IoT Hub refused the new key, and took the old one",
} as const;

export type KeyRefusal = keyof typeof keyRefusals;

/** SHA-256 of each key that the terminal works with. They are 128 bits of chance at least: a hash tells nothing. */
export const keysInUse = z.object({
  /** Of the key with which the connection was made over which this is reported. */
  hub: sha256,
  /** Of the terminal's own Flow key. */
  flow: sha256,
  /** Of the customer's shared Flow key. */
  shared: sha256,
});

export type KeysInUse = z.infer<typeof keysInUse>;

/** What a terminal says of its keys, in reported.keys. Members that it cannot say are left out. */
export const keyReport = z.object({
  /** The age recipient that new keys can be sealed for; a terminal without it takes them as a sealed file only. */
  recipient: z
    .string()
    .regex(/^age1[02-9ac-hj-np-z]{58}$/)
    .optional()
    .catch(undefined),
  inUse: keysInUse.optional().catch(undefined),
  /** The last offer that it did not take; null or absent when it took the last one. */
  refused: z
    .object({ id: offerId, reason: z.enum(Object.keys(keyRefusals) as [KeyRefusal, ...KeyRefusal[]]) })
    .nullish()
    .catch(undefined),
});

export type KeyReport = z.infer<typeof keyReport>;

/** What stands for a key where the key itself must not be: base64 of its SHA-256. */
export function fingerprint(key: string): string {
  return createHash("sha256").update(key, "utf8").digest("base64");
}

/** What a terminal says of its keys, as the service side finds it in a twin's reported properties. */
export function reportOf(reported: Record<string, unknown>): KeyReport {
  return keyReport.safeParse(reported.keys).data ?? {};
}
