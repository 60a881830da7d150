import { mintDeviceKeys } from "../../credentials/device-keys.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { sha256Base64 } from "../../lib/sha256.ts";
import { t } from "../../words/translate.ts";
import { type ClaimedRotation, ConflictError, expectStillClaimed, type RotationContext } from "./context.ts";
import { readEnabledIdentity, replaceKeys } from "./device-keys.ts";

/**
 * Makes the new device key the primary one and starts the grace period of the old keys. Called when the terminal was seen
 * using its new keys.
 */
export async function promoteNewKeys(rotation: ClaimedRotation, context: RotationContext): Promise<void> {
  const { terminal, twin, record } = rotation;
  const rotatesDeviceKeys = record.keys.includes("hub");
  if (rotatesDeviceKeys) {
    const identity = await readEnabledIdentity(terminal, context);
    const { primaryKey, secondaryKey } = identity.authentication.symmetricKey;
    if (sha256Base64(primaryKey) !== record.handedOver?.hub) {
      if (sha256Base64(secondaryKey) !== record.handedOver?.hub) throw keysModified();
      await expectStillClaimed(rotation, context);
      await replaceKeys(identity, { primaryKey: secondaryKey, secondaryKey: primaryKey }, context);
    }
  }
  const keys = {
    rotation: { promotedAt: new Date(context.clock.now()).toISOString() },
    ...(rotatesDeviceKeys ? { hubCreatedAt: record.startedAt } : {}),
  };
  const patch = { tags: { keys }, desired: { keys: null } };
  if (!(await context.fleet.twins.patch(terminal, patch, twin.etag))) throw new ConflictError();
}

/** Invalidates the old keys and ends the rotation. Called when the grace period has passed. */
export async function invalidateOldKeys(rotation: ClaimedRotation, context: RotationContext): Promise<void> {
  const { terminal, customer, twin, record } = rotation;
  const { twins, flowKeys } = context.fleet;
  if (record.keys.includes("hub")) {
    const identity = await readEnabledIdentity(terminal, context);
    const { primaryKey } = identity.authentication.symmetricKey;
    if (sha256Base64(primaryKey) !== record.handedOver?.hub) throw keysModified();
    await expectStillClaimed(rotation, context);
    await replaceKeys(identity, { primaryKey, secondaryKey: mintDeviceKeys().secondaryKey }, context);
  }
  const found = await flowKeys.read(customer, terminal);
  await expectStillClaimed(rotation, context);
  if (found && found.row.currentKeySha256 === record.handedOver?.flow && found.row.previousKeySha256 !== "") {
    const isUpdated = await flowKeys.update(customer, terminal, { previousKeySha256: "" }, found.etag);
    // The response to a successful update may have been lost.
    if (!isUpdated && (await flowKeys.get(customer, terminal))?.previousKeySha256 !== "") {
      throw new ConflictError();
    }
  }
  if (!(await twins.patch(terminal, { tags: { keys: { rotation: null } } }, twin.etag))) {
    throw new ConflictError();
  }
}

function keysModified(): OperatorError {
  return new OperatorError("failed", t`its device keys are not the delivered ones`, {
    code: "KeysChanged",
    remedy: t`Another program replaced them. \`npx terminals rotate TERMINAL --again\` delivers new ones.`,
  });
}
