import { z } from "zod";
import { offerId, sha256 } from "../file-exchange/offers/offer.ts";
import { t } from "../words/translate.ts";

/**
 * New keys for a terminal, in the desired property `keys` of its twin: a credential bundle, sealed for this terminal. The
 * ID has the form of a file offer's ID.
 */
export const keyOffer = z.object({
  id: offerId,
  /** Base64 of a credential bundle in the age format. A twin property holds at most 4 KB. */
  sealed: z.base64().max(4096),
});

export type KeyOffer = z.infer<typeof keyOffer>;

/** Why a terminal rejected new keys. */
export const keyRefusals = {
  unreadable: () => t`they are not sealed for its age identity, or are no credential bundle`,
  foreign: () => t`they are for another terminal or another IoT Hub`,
  outdated: () => t`they are older than its current keys`,
  hubRefused: () => t`the IoT Hub rejected the new key and accepted the current one`,
} as const;

export type KeyRefusal = keyof typeof keyRefusals;

/** SHA-256 of each key that a terminal uses. The keys have at least 128 random bits, so a hash reveals nothing. */
export const keysInUse = z.object({
  /** Hash of the device key of the connection over which this is reported. */
  hub: sha256,
  /** Hash of the Flow key. */
  flow: sha256,
  /** Hash of the customer's subscription key. */
  shared: sha256,
});

export type KeysInUse = z.infer<typeof keysInUse>;

/** What a terminal reports about its keys, in the reported property `keys`. Members that it does not know are absent. */
export const keyReport = z.object({
  /** The age recipient for its key offers. A terminal without one accepts new keys only as a sealed file. */
  recipient: z
    .string()
    .regex(/^age1[02-9ac-hj-np-z]{58}$/)
    .optional()
    .catch(undefined),
  inUse: keysInUse.optional().catch(undefined),
  /** The last key offer, when the terminal rejected it; else null or absent. */
  refused: z
    .object({ id: offerId, reason: z.enum(Object.keys(keyRefusals) as [KeyRefusal, ...KeyRefusal[]]) })
    .nullish()
    .catch(undefined),
});

export type KeyReport = z.infer<typeof keyReport>;

/** Reads the key report from a twin's reported properties. Members that cannot be parsed are dropped. */
export function parseKeyReport(reported: Record<string, unknown>): KeyReport {
  return keyReport.safeParse(reported.keys).data ?? {};
}
