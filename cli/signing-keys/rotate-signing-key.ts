import type { Registry } from "../azure/iot-hub/registry.ts";
import { offerStatuses } from "../file-exchange/offers/offer-status.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { formatTime } from "../terminal-ui/format.ts";
import { t } from "../words/translate.ts";
import type { AccountKeys } from "./account-keys.ts";
import { newKeyDelayMs, signingKeySchedule } from "./signing-key-schedule.ts";

/** The result of a rotation. */
export interface Rotation {
  /** Name of the account key that was regenerated. */
  renewed: string;
  /** Names of all account keys that were regenerated; two after a rotation of both. */
  renewedKeys: string[];
  /** When the regenerated key starts to sign file links. */
  signsFrom: Date;
  /** When the next rotation is possible. */
  nextPossible: Date;
}

/**
 * Regenerates the unused account key of the files account, so that it signs file links from then on.
 * @throws OperatorError with code "TooEarly" while file links that the key signed may still be valid.
 */
export async function rotateSigningKey(keys: AccountKeys, now: number): Promise<Rotation> {
  const { next, possibleFrom } = signingKeySchedule(await keys.read(), now);
  if (now < possibleFrom) {
    const date = formatTime(possibleFrom);
    throw new OperatorError("failed", t`file links that ${next.name} signed can be valid until ${date}`, {
      code: "TooEarly",
      remedy: t`Run this again after that time. If a key has leaked, --emergency regenerates both keys now, which ends every file link.`,
    });
  }
  return regenerate(keys, next.name, now);
}

/**
 * Regenerates both account keys at once: Azure then rejects every file link signed before. The newer key is
 * regenerated last, so that the schedule of the keys holds after this rotation as after any other.
 */
export async function rotateBothKeys(keys: AccountKeys, now: number): Promise<Rotation> {
  const { next } = signingKeySchedule(await keys.read(), now);
  const [other] = (await keys.regenerate(next.name)).filter(({ name }) => name !== next.name);
  if (!other)
    throw new OperatorError("failed", t`the storage account ${keys.account} does not have two keys`);
  const rotation = await regenerate(keys, other.name, now);
  return { ...rotation, renewedKeys: [next.name, other.name] };
}

/** Counts the waiting offers of each terminal: a rotation of both keys ends their file links. */
export async function countWaitingOffers(registry: Registry, now: number): Promise<Map<string, number>> {
  const waiting = new Map<string, number>();
  const query =
    "SELECT deviceId, properties.desired.files AS offered, properties.reported.files AS acknowledged FROM devices WHERE is_defined(properties.desired.files)";
  for await (const { deviceId, offered, acknowledged } of registry.query(query)) {
    const properties = { desired: { files: offered }, reported: { files: acknowledged } };
    const count = offerStatuses({ properties }, now).filter(({ state }) => state === "waiting").length;
    if (count > 0) waiting.set(deviceId as string, count);
  }
  return waiting;
}

async function regenerate(keys: AccountKeys, name: string, now: number): Promise<Rotation> {
  const both = await keys.regenerate(name);
  const regenerated = both.find((key) => key.name === name);
  if (!regenerated) throw new OperatorError("failed", t`the storage account ${keys.account} has no ${name}`);
  return {
    renewed: name,
    renewedKeys: [name],
    signsFrom: new Date(regenerated.createdOn + newKeyDelayMs),
    nextPossible: new Date(signingKeySchedule(both, now).possibleFrom),
  };
}
