import { z } from "zod";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { offerId, sha256 } from "../../file-exchange/offers/offer.ts";

/** A key that can be rotated without an outage. "shared" is the customer's subscription key. */
export type RotatedKey = "hub" | "flow" | "shared";

/**
 * A rotation in progress, in the tags of the device twin: every operator can read it and no terminal can. It holds hashes
 * of keys and no keys. Everything else that a later run needs is read from the services. Members are null or absent until
 * they are known.
 */
const rotation = z.object({
  /** ID of the key offer. */
  id: offerId,
  /** ID of the run that works on it. A run that takes it over writes its own ID, and the other run then stops. */
  by: z.string(),
  keys: z.array(z.enum(["hub", "flow", "shared"])),
  startedAt: z.iso.datetime(),
  /** Hash of the terminal's Flow key before the rotation. The gateway accepts that key until the rotation ends. */
  flowBefore: sha256,
  /** Hash of the customer's next subscription key, and when a run first read it. */
  shared: z.object({ sha256, at: z.iso.datetime() }).nullish(),
  /** The keys that were delivered last. They belong to the key offer above when both IDs are equal. */
  handedOver: z
    .object({
      id: offerId,
      how: z.enum(["hub", "file"]),
      at: z.iso.datetime(),
      hub: sha256,
      flow: sha256,
      shared: sha256,
      /** Hash of the sealed file. */
      file: sha256.nullish(),
    })
    .nullish(),
  /** When the terminal was seen using the new keys. The grace period starts here. */
  promotedAt: z.iso.datetime().nullish(),
});

export type RotationRecord = z.infer<typeof rotation>;

/** The tag `keys` of a device twin. */
const keyTags = z.object({
  /** When the device keys were created, if later than the Flow key. */
  hubCreatedAt: z.iso.datetime().nullish().catch(undefined),
  /** The age recipient of the first key offer. A terminal that reports another one is not trusted. */
  recipient: z.string().nullish().catch(undefined),
  rotation: rotation.nullish(),
});

export type KeyTags = z.infer<typeof keyTags>;

/** Parses the tag `keys`. A rotation record that cannot be parsed is dropped. */
export function parseKeyTags(tags: DeviceTwin["tags"]): KeyTags {
  const { data } = keyTags.safeParse(tags?.keys ?? {});
  return data ?? { ...keyTags.omit({ rotation: true }).safeParse(tags?.keys).data, rotation: undefined };
}
