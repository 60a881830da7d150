import { mintFlowKey } from "../../azure/flow-api/flow-keys.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../../credentials/device-keys.ts";
import { parseKeyReport } from "../../credentials/key-offer.ts";
import { sealer } from "../../credentials/seal.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { quote } from "../../lib/quote.ts";
import { sha256Base64 } from "../../lib/sha256.ts";
import { t } from "../../words/translate.ts";
import { chooseChannel } from "./channel.ts";
import { type ClaimedRotation, ConflictError, expectStillClaimed, type RotationContext } from "./context.ts";
import { readEnabledIdentity, replaceKeys } from "./device-keys.ts";
import type { RotationRecord } from "./record.ts";

/**
 * Creates new keys beside the terminal's current ones, which stay valid, and delivers them: in its twin, sealed for the
 * terminal, or as a sealed file. The Flow key is always rotated, because a credential bundle contains it and the current
 * one cannot be read. After a kill at any point only unused keys are left over.
 * @throws ConflictError when another client modified the terminal.
 */
export async function deliverKeys(rotation: ClaimedRotation, context: RotationContext): Promise<void> {
  const { terminal, customer, site, twin, record } = rotation;
  const { fleet, clock, bundles } = context;
  const channel = chooseChannel(twin, context);
  const subscriptionKey = await chooseSubscriptionKey(rotation, context);
  const deviceKey = await createDeviceKey(rotation, context);
  const flowKey = await createFlowKey(rotation, context);
  const content: CredentialBundle = {
    version: 1,
    terminalId: terminal,
    customer,
    site,
    hub: { hostName: fleet.outputs.hubHostName, deviceId: terminal, primaryKey: deviceKey },
    flow: { url: fleet.outputs.flowUrl, sharedKey: subscriptionKey, terminalKey: flowKey.key },
    createdAt: flowKey.createdAt,
  };
  const delivered = {
    id: record.id,
    at: new Date(clock.now()).toISOString(),
    hub: sha256Base64(deviceKey),
    flow: sha256Base64(flowKey.key),
    shared: sha256Base64(subscriptionKey),
  };
  const recordDelivery = async (
    handedOver: RotationRecord["handedOver"],
    keys: Record<string, unknown>,
    keyOffer: { id: string; sealed: string } | null,
  ): Promise<void> => {
    const tags = { keys: { ...keys, rotation: { flowBefore: flowKey.previousSha256, handedOver } } };
    if (!(await fleet.twins.patch(terminal, { tags, desired: { keys: keyOffer } }, twin.etag))) {
      throw new ConflictError();
    }
  };
  if (channel !== "file") {
    const { recipient } = channel;
    const sealed = Buffer.from(await sealer({ recipients: [recipient] })(content)).toString("base64");
    await recordDelivery({ how: "hub", ...delivered, file: null }, { recipient }, { id: record.id, sealed });
    return;
  }
  if (!bundles) throw new OperatorError("failed", t`there is no folder for its sealed credential bundle`);
  // The record is written before the file gets its name: a named file always contains the keys of the record.
  const file = await bundles.folder.stage(terminal, await bundles.seal(content));
  await recordDelivery({ how: "file", ...delivered, file }, {}, null);
  await bundles.folder.publish([terminal]);
}

/** The device key for the bundle: a new one in the unused slot, or the current one when device keys are not rotated. */
async function createDeviceKey(
  { terminal, twin, record }: ClaimedRotation,
  context: RotationContext,
): Promise<string> {
  const identity = await readEnabledIdentity(terminal, context);
  const { primaryKey, secondaryKey } = identity.authentication.symmetricKey;
  const reported = parseKeyReport(twin.properties.reported).inUse?.hub;
  const [used, unused] =
    reported === sha256Base64(secondaryKey) ? [secondaryKey, primaryKey] : [primaryKey, secondaryKey];
  if (!record.keys.includes("hub")) return used;
  // The key was delivered earlier. The terminal may start to use it at any moment, so it is kept.
  if (record.handedOver?.hub === sha256Base64(unused)) return unused;
  await expectStillClaimed({ terminal, twin }, context);
  const { primaryKey: created } = mintDeviceKeys();
  await replaceKeys(identity, { primaryKey: used, secondaryKey: created }, context);
  return created;
}

/** Adds a new Flow key to the row, beside the one that the terminal uses. */
async function createFlowKey(
  { terminal, customer, twin, record }: ClaimedRotation,
  context: RotationContext,
): Promise<{ key: string; previousSha256: string; createdAt: string }> {
  const { fleet, clock } = context;
  const found = await fleet.flowKeys.read(customer, terminal);
  await expectStillClaimed({ terminal, twin }, context);
  if (found?.row.status !== "active") {
    const message = found ? t`its Flow key row is ${found.row.status}` : t`it has no Flow key row`;
    throw new OperatorError("failed", message);
  }
  const { currentKeySha256, previousKeySha256, keyCreatedAt } = found.row;
  const accepted = [currentKeySha256, previousKeySha256];
  const known = [parseKeyReport(twin.properties.reported).inUse?.flow, record.flowBefore, currentKeySha256];
  const previousSha256 = known.find((one) => one && accepted.includes(one)) as string;
  const key = mintFlowKey();
  // A terminal accepts only a newer bundle than its own, also when this computer's clock is slow.
  const createdAt = new Date(Math.max(clock.now(), Date.parse(keyCreatedAt) + 1)).toISOString();
  const newSha256 = sha256Base64(key);
  const isUpdated = await fleet.flowKeys.update(
    customer,
    terminal,
    { currentKeySha256: newSha256, previousKeySha256: previousSha256, keyCreatedAt: createdAt },
    found.etag,
  );
  // The response to a successful update may have been lost.
  if (!isUpdated && (await fleet.flowKeys.get(customer, terminal))?.currentKeySha256 !== newSha256) {
    throw new ConflictError();
  }
  return { key, previousSha256, createdAt };
}

async function chooseSubscriptionKey(
  { customer, record }: ClaimedRotation,
  { fleet, nextKey }: RotationContext,
): Promise<string> {
  if (!record.keys.includes("shared")) return fleet.customers.subscriptionKey(customer);
  if (nextKey && record.shared?.sha256 === nextKey.sha256) return nextKey.value;
  throw new OperatorError("failed", t`the subscription key of its customer is being rotated`, {
    remedy: t`Continue with \`npx terminals rotate --customer ${quote(customer, "ID")} --continue\`.`,
  });
}

/**
 * Whether the sealed file of a rotation is in the folder. A kill may have left it under its temporary name; then it gets
 * its final name.
 */
export async function isBundleInFolder(
  { terminal, record }: ClaimedRotation,
  { bundles }: RotationContext,
): Promise<boolean> {
  const sha256 = record.handedOver?.file;
  if (!sha256 || !bundles) return false;
  return (await bundles.folder.digest(terminal)) === sha256 || bundles.folder.publishStaged(terminal, sha256);
}

/** Whether the terminal reports that it uses all delivered keys. */
export function areKeysInUse({ twin, record }: ClaimedRotation): boolean {
  const { inUse } = parseKeyReport(twin.properties.reported);
  const { handedOver } = record;
  return (
    handedOver?.id === record.id &&
    inUse?.hub === handedOver.hub &&
    inUse.flow === handedOver.flow &&
    inUse.shared === handedOver.shared
  );
}
