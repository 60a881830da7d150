import { z } from "zod";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { offerId, sha256 } from "../../file-exchange/offers/offer.ts";

/** A key that can be renewed without an outage. */
export type RenewedKey = "hub" | "flow" | "shared";

/**
 * A rotation under way, in a device's tags, where every operator finds it and no terminal sees it. It holds hashes
 * of keys, never a key: what is needed to go on is read from the services. Members are null or left out until they
 * are known.
 */
const rotation = z.object({
  /** Names what the terminal is offered. */
  id: offerId,
  /** The run that works on it: who takes it over puts his own here, and the other one notices and leaves it. */
  by: z.string(),
  keys: z.array(z.enum(["hub", "flow", "shared"])),
  startedAt: z.iso.datetime(),
  /** Hash of the Flow key that the terminal has until then: it stays accepted all the time. */
  flowBefore: sha256,
  /** Hash of the customer's next shared key, and when it was found made. */
  shared: z.object({ sha256, at: z.iso.datetime() }).nullish(),
  /** What was handed over last; with the id above once it is the offer that the record is about. */
  handedOver: z
    .object({
      id: offerId,
      how: z.enum(["hub", "file"]),
      at: z.iso.datetime(),
      hub: sha256,
      flow: sha256,
      shared: sha256,
      /** Of the sealed file. */
      file: sha256.nullish(),
    })
    .nullish(),
  /** When the terminal was seen using it, and it became its first key: the grace time counts from here. */
  promotedAt: z.iso.datetime().nullish(),
});

export type RotationRecord = z.infer<typeof rotation>;

/** What an operator's side keeps of a terminal's keys, in the tag `keys`. */
const keyTags = z.object({
  /** When the hub keys were made, if later than the terminal's Flow row. */
  hubCreatedAt: z.iso.datetime().nullish().catch(undefined),
  /** The recipient that keys were first sealed for: another one is not believed. */
  recipient: z.string().nullish().catch(undefined),
  rotation: rotation.nullish(),
});

export type KeyTags = z.infer<typeof keyTags>;

/** The tag `keys` of a twin; a rotation that cannot be read counts as none. */
export function keyTagsOf(tags: DeviceTwin["tags"]): KeyTags {
  const { data } = keyTags.safeParse(tags?.keys ?? {});
  return data ?? { ...keyTags.omit({ rotation: true }).safeParse(tags?.keys).data, rotation: undefined };
}
