import { hashFlowKey, mintFlowKey } from "../../azure/flow-api/flow-keys.ts";
import type { DeviceIdentity, DeviceKeys } from "../../azure/iot-hub/registry.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { fingerprint, reportOf } from "../../credentials/key-offer.ts";
import { sealer } from "../../credentials/seal.ts";
import { OperatorError } from "../../lib/errors.ts";
import { mintDeviceKeys } from "../../onboarding/identities.ts";
import { channelOf } from "./claim.ts";
import { Changed, type Rotating, type RotationContext, stillOurs } from "./context.ts";
import type { RotationRecord } from "./record.ts";

/**
 * Makes new keys beside those that the terminal has, which go on working, and hands them over: through the hub,
 * sealed for the terminal, or as a sealed file. The Flow key is always renewed, because a hand-over holds it and
 * nobody can read the present one. A kill at any point costs nothing but keys that nobody has.
 * @throws Changed when somebody else changed something meanwhile.
 */
export async function handOver(rotating: Rotating, context: RotationContext): Promise<void> {
  const { terminal, customer, site, twin, record } = rotating;
  const { fleet, clock, file } = context;
  const channel = channelOf(twin, context);
  const shared = await sharedKeyFor(rotating, context);
  const hub = await hubKeyFor(rotating, context);
  const flow = await newFlowKey(rotating, context);
  const content: CredentialBundle = {
    version: 1,
    terminalId: terminal,
    customer,
    site,
    hub: { hostName: fleet.outputs.hubHostName, deviceId: terminal, primaryKey: hub },
    flow: { url: fleet.outputs.flowUrl, sharedKey: shared, terminalKey: flow.key },
    createdAt: flow.createdAt,
  };
  const handedOver = {
    id: record.id,
    at: new Date(clock.now()).toISOString(),
    hub: fingerprint(hub),
    flow: fingerprint(flow.key),
    shared: fingerprint(shared),
  };
  const change = (made: RotationRecord["handedOver"], keys: Record<string, unknown>, desired: unknown) =>
    fleet.twins.patch(
      terminal,
      {
        tags: { keys: { ...keys, rotation: { flowBefore: flow.before, handedOver: made } } },
        desired: { keys: desired },
      },
      twin.etag,
    );
  if (channel !== "file") {
    const { recipient } = channel;
    const sealed = Buffer.from(await sealer({ recipients: [recipient] })(content)).toString("base64");
    const offered = await change(
      { how: "hub", ...handedOver, file: null },
      { recipient },
      { id: record.id, sealed },
    );
    if (!offered) throw new Changed();
    return;
  }
  if (!file) throw new OperatorError("failed", "there is no folder for its sealed hand-over");
  // The record first: a file that has its name holds the keys that the record is about.
  const digest = await file.folder.stage(terminal, await file.seal(content));
  if (!(await change({ how: "file", ...handedOver, file: digest }, {}, null))) throw new Changed();
  await file.folder.publish([terminal]);
}

/** Writes an identity's keys, if it is still as it was read. @throws Changed when it is not. */
export async function writeKeys(
  identity: DeviceIdentity,
  symmetricKey: DeviceKeys,
  { fleet }: RotationContext,
): Promise<void> {
  const authentication = { type: "sas", symmetricKey };
  if (await fleet.registry.update({ ...identity, authentication })) return;
  // An answer may have been lost after the change was made.
  const now = (await fleet.registry.get(identity.deviceId))?.authentication.symmetricKey;
  if (now?.primaryKey === symmetricKey.primaryKey && now.secondaryKey === symmetricKey.secondaryKey) return;
  throw new Changed();
}

/** The identity of a terminal. @throws OperatorError when it is gone or was revoked meanwhile. */
export async function identityOf(terminal: string, { fleet }: RotationContext): Promise<DeviceIdentity> {
  const identity = await fleet.registry.get(terminal);
  if (identity?.status === "enabled") return identity;
  throw new OperatorError("failed", identity ? "it was revoked meanwhile" : "the hub has no such terminal");
}

/** The key for the hub: a new one beside that in use, or that in use. */
async function hubKeyFor({ terminal, twin, record }: Rotating, context: RotationContext): Promise<string> {
  const identity = await identityOf(terminal, context);
  const { primaryKey, secondaryKey } = identity.authentication.symmetricKey;
  const reported = reportOf(twin.properties.reported).inUse?.hub;
  const [used, spare] =
    reported === fingerprint(secondaryKey) ? [secondaryKey, primaryKey] : [primaryKey, secondaryKey];
  if (!record.keys.includes("hub")) return used;
  // A terminal that has the spare key may begin to use it at any moment: it stays.
  if (record.handedOver?.hub === fingerprint(spare)) return spare;
  await stillOurs({ terminal, twin }, context);
  const { primaryKey: fresh } = mintDeviceKeys();
  await writeKeys(identity, { primaryKey: used, secondaryKey: fresh }, context);
  return fresh;
}

/** Lets the gateway take a new Flow key, beside the one that the terminal has. */
async function newFlowKey(
  { terminal, customer, twin, record }: Rotating,
  context: RotationContext,
): Promise<{ key: string; before: string; createdAt: string }> {
  const { fleet, clock } = context;
  const found = await fleet.flowKeys.read(customer, terminal);
  await stillOurs({ terminal, twin }, context);
  if (found?.row.status !== "active") {
    throw new OperatorError("failed", found ? `its Flow row is ${found.row.status}` : "it has no Flow row");
  }
  const { currentKeySha256, previousKeySha256, keyCreatedAt } = found.row;
  const accepted = [currentKeySha256, previousKeySha256];
  const known = [reportOf(twin.properties.reported).inUse?.flow, record.flowBefore, currentKeySha256];
  const before = known.find((one) => one && accepted.includes(one)) as string;
  const key = mintFlowKey();
  // Later than the last one, whatever this computer's clock says: the terminal takes nothing older.
  const createdAt = new Date(Math.max(clock.now(), Date.parse(keyCreatedAt) + 1)).toISOString();
  const currentHash = hashFlowKey(key);
  const changed = await fleet.flowKeys.change(
    customer,
    terminal,
    { currentKeySha256: currentHash, previousKeySha256: before, keyCreatedAt: createdAt },
    found.etag,
  );
  if (!changed && (await fleet.flowKeys.get(customer, terminal))?.currentKeySha256 !== currentHash) {
    throw new Changed();
  }
  return { key, before, createdAt };
}

async function sharedKeyFor({ customer, record }: Rotating, context: RotationContext): Promise<string> {
  if (!record.keys.includes("shared")) return context.fleet.customers.sharedKey(customer);
  const { shared } = context;
  if (shared && record.shared?.sha256 === shared.sha256) return shared.value;
  throw new OperatorError("failed", "its customer's shared key is being renewed", {
    remedy: `Go on with \`terminals rotate --customer ${customer} --continue\`.`,
  });
}

/** Whether the sealed file of a rotation is in a folder, whole; a kill may have left it under its passing name. */
export async function isInFolder(
  { terminal, record }: Rotating,
  { file }: RotationContext,
): Promise<boolean> {
  const digest = record.handedOver?.file;
  if (!digest || !file) return false;
  return (await file.folder.digest(terminal)) === digest || file.folder.finish(terminal, digest);
}

/** Whether a terminal says that it works with all that it was handed. */
export function isInUse({ twin, record }: Rotating): boolean {
  const { inUse } = reportOf(twin.properties.reported);
  const { handedOver } = record;
  return (
    handedOver?.id === record.id &&
    inUse?.hub === handedOver.hub &&
    inUse.flow === handedOver.flow &&
    inUse.shared === handedOver.shared
  );
}
