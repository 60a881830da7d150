import type { Registry } from "../azure/iot-hub/registry.ts";
import { offerStatuses } from "../file-exchange/offers/offers.ts";
import { OperatorError } from "../lib/errors.ts";
import type { AccountKeys } from "./account-keys.ts";
import { newKeyDelayMs, signingKeySchedule } from "./signing-key-schedule.ts";

/** What a rotation came to. */
export interface Rotation {
  /** The key that was made anew. */
  renewed: string;
  /** From when on it signs. */
  signsFrom: Date;
  /** From when on the next rotation is possible. */
  nextPossible: Date;
}

/**
 * Makes the account key anew that has rested, so that it signs from then on and the other one rests.
 * @throws OperatorError when something that it signed may still be valid, and says until when.
 */
export async function rotateSigningKey(keys: AccountKeys, now: number): Promise<Rotation> {
  const { next, possibleFrom } = signingKeySchedule(await keys.read(), now);
  if (now < possibleFrom) {
    throw new OperatorError("failed", `what ${next.name} signed can be valid until ${iso(possibleFrom)}`, {
      code: "TooEarly",
      remedy: `Run this again from then on. If a key has leaked, \`--emergency\` makes both anew at once, and ends every file's key.`,
    });
  }
  return renewed(keys, next.name, now);
}

/**
 * Makes both account keys anew, at once: nothing that was ever signed is taken any more. The newer one goes last, so
 * that the keys' ages say what they say after any rotation.
 */
export async function rotateBothKeys(keys: AccountKeys, now: number): Promise<Rotation> {
  const { next } = signingKeySchedule(await keys.read(), now);
  const [other] = (await keys.regenerate(next.name)).filter(({ name }) => name !== next.name);
  if (!other) throw new OperatorError("failed", "the storage account does not have two keys");
  return renewed(keys, other.name, now);
}

/** How many offers wait, by terminal: what an emergency rotation cuts off. */
export async function countWaitingOffers(registry: Registry, now: number): Promise<Map<string, number>> {
  const waiting = new Map<string, number>();
  const query =
    "SELECT deviceId, properties.desired.files AS offered, properties.reported.files AS heard FROM devices WHERE is_defined(properties.desired.files)";
  for await (const { deviceId, offered, heard } of registry.query(query)) {
    const properties = { desired: { files: offered }, reported: { files: heard } };
    const count = offerStatuses({ properties }, now).filter(({ state }) => state === "waiting").length;
    if (count > 0) waiting.set(deviceId as string, count);
  }
  return waiting;
}

async function renewed(keys: AccountKeys, name: string, now: number): Promise<Rotation> {
  const both = await keys.regenerate(name);
  const made = both.find((key) => key.name === name);
  if (!made) throw new OperatorError("failed", `the storage account has no ${name}`);
  return {
    renewed: name,
    signsFrom: new Date(made.createdOn + newKeyDelayMs),
    nextPossible: new Date(signingKeySchedule(both, now).possibleFrom),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
