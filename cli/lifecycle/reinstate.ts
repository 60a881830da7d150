import type { Fleet } from "../azure/fleet.ts";
import { hashFlowKey, mintFlowKey } from "../azure/flow-api/flow-keys.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { fingerprint } from "../credentials/key-offer.ts";
import { deleteBlob } from "../file-exchange/delete-blob.ts";
import { explained, OperatorError } from "../lib/errors.ts";
import { mintDeviceKeys } from "../onboarding/identities.ts";
import { changed, expectOurs, hasKeys, makeIdentity, setIdentity } from "./own-identity.ts";
import { isBeingDeleted } from "./retire.ts";
import { beingReinstated, longestReason } from "./revoke.ts";

/** What became of a terminal that was to be reinstated. */
export interface Reinstated {
  customer: string;
  site: string;
  /**
   * "reinstated": it has fresh keys. "repaired": it was not revoked, and its stored access policy, which was missing, was
   * made anew. "unchanged": it was not revoked.
   */
  outcome: "reinstated" | "repaired" | "unchanged";
  /** Copies of files that had been offered to it and are deleted. */
  deletedFiles: number;
}

/** Where the new hand-over goes, and what seals it. */
export interface ReinstateOptions {
  folder: BundleFolder;
  seal(content: CredentialBundle): Promise<Uint8Array>;
  /** The customer's id, for a terminal that the hub does not know any more and that several customers have rows of. */
  customer?: string;
  /** Milliseconds since 1970; default now. */
  now?: number;
}

/**
 * Lets a revoked terminal in again, with fresh keys at every door and a new sealed hand-over; one whose identity was
 * deleted gets another. Its identity is enabled last: until then the hub refuses it. After a kill, running this again
 * begins anew, with other keys. Who revokes it meanwhile wins: what was opened until then is shut again.
 * @throws OperatorError when it cannot be done; a terminal that was revoked stays so.
 */
export async function reinstate(
  terminal: string,
  fleet: Fleet,
  options: ReinstateOptions,
): Promise<Reinstated> {
  const { customer, site, twin } = await placeOf(terminal, fleet, options.customer);
  if (twin) expectNotDeleted(twin);
  const before = await fleet.flowKeys.get(customer, terminal);
  if (twin?.status === "enabled" && before?.status === "active") {
    return { customer, site, outcome: await repair(terminal, customer, fleet), deletedFiles: 0 };
  }
  // All that can refuse is asked before anything is changed.
  const sharedKey = await fleet.customers.sharedKey(customer);
  const keys = mintDeviceKeys();
  if (!twin) await makeIdentity(terminal, { customer, site }, fleet);
  const reason = [beingReinstated, ...(twin?.statusReason ? [`(${twin.statusReason})`] : [])].join(" ");
  await setIdentity(terminal, fleet, keys, {
    status: "disabled",
    statusReason: reason.slice(0, longestReason),
  });
  await forget(terminal, fleet);
  // A policy that is there, as after a revocation that was cut short, has keys of files bound to it.
  await fleet.files.removePolicy(terminal);
  const deletedFiles = await deleteCopies(terminal, fleet);
  const terminalKey = mintFlowKey();
  // Later than what it had, whatever this computer's clock says: the terminal takes nothing older.
  const newest = Date.parse(before?.keyCreatedAt ?? "") || 0;
  const createdAt = new Date(Math.max(options.now ?? Date.now(), newest + 1)).toISOString();
  const content: CredentialBundle = {
    version: 1,
    terminalId: terminal,
    customer,
    site,
    hub: { hostName: fleet.outputs.hubHostName, deviceId: terminal, primaryKey: keys.primaryKey },
    flow: { url: fleet.outputs.flowUrl, sharedKey, terminalKey },
    createdAt,
  };
  await options.folder.stage(terminal, await options.seal(content));
  await options.folder.publish([terminal]);
  const etag = await fleet.flowKeys.put(customer, terminal, {
    currentKeySha256: hashFlowKey(terminalKey),
    previousKeySha256: "",
    status: "revoked",
    site,
    keyCreatedAt: createdAt,
    sharedKeySha256: fingerprint(sharedKey),
  });
  try {
    await fleet.files.ensureContainer(terminal);
    // In this order: whoever shuts the identity after this look finds the row, or has changed it before it is opened.
    await expectOurs(terminal, fleet, keys);
    if (!(await fleet.flowKeys.change(customer, terminal, { status: "active" }, etag))) {
      const row = await fleet.flowKeys.get(customer, terminal);
      if (row?.status !== "active" || row.currentKeySha256 !== hashFlowKey(terminalKey)) throw changed();
    }
    await setIdentity(terminal, fleet, keys, { status: "enabled", statusReason: null });
    // A revocation that began before closes the other doors first, or has closed them.
    const row = await fleet.flowKeys.get(customer, terminal);
    if (row?.status !== "active" || !(await fleet.files.hasPolicy(terminal))) throw changed();
  } catch (error) {
    await shutAgain(terminal, fleet, { customer, keySha256: hashFlowKey(terminalKey), keys, why: error });
    throw error;
  }
  return { customer, site, outcome: "reinstated", deletedFiles };
}

/** Shuts what was opened, unless somebody else has opened it since. */
async function shutAgain(
  terminal: string,
  fleet: Fleet,
  { customer, keySha256, keys, why }: { customer: string; keySha256: string; keys: DeviceKeys; why: unknown },
): Promise<void> {
  try {
    const identity = await fleet.registry.get(terminal);
    if (identity?.status === "enabled" && hasKeys(identity, keys)) {
      await fleet.registry.update({ ...identity, status: "disabled", statusReason: "reinstating it failed" });
    }
    const row = await fleet.flowKeys.get(customer, terminal);
    if (row && row.currentKeySha256 !== keySha256) return;
    await fleet.flowKeys.revoke(customer, terminal);
    await fleet.files.removePolicy(terminal);
  } catch {
    const message = why instanceof Error ? why.message : String(why);
    throw new OperatorError("failed", `${message}; and what was opened could not be shut again`, {
      remedy: `\`terminals revoke ${terminal}\` shuts it out.`,
      cause: why,
    });
  }
}

function expectNotDeleted(twin: DeviceTwin): void {
  if (!isBeingDeleted(twin)) return;
  throw new OperatorError("failed", `${twin.deviceId} is retired, and is being deleted`, {
    remedy: `\`terminals retire ${twin.deviceId}\` completes that; then it can be onboarded as a new one.`,
  });
}

/** Gives a terminal that is not revoked the stored access policy that it lacks. */
async function repair(terminal: string, customer: string, fleet: Fleet): Promise<"repaired" | "unchanged"> {
  if (await fleet.files.hasPolicy(terminal)) return "unchanged";
  await fleet.files.ensureContainer(terminal);
  // It may be missing because somebody is just revoking the terminal.
  const twin = await fleet.twins.get(terminal);
  const row = await fleet.flowKeys.get(customer, terminal);
  if (twin?.status === "enabled" && row?.status === "active") return "repaired";
  await fleet.files.removePolicy(terminal);
  throw changed();
}

/** Where a terminal belongs: by its tags, or by its Flow row when the hub does not know it any more. */
async function placeOf(
  terminal: string,
  fleet: Fleet,
  given: string | undefined,
): Promise<{ customer: string; site: string; twin: DeviceTwin | undefined }> {
  const twin = await fleet.twins.get(terminal);
  const { customer, site } = (twin?.tags ?? {}) as Record<string, unknown>;
  if (typeof customer === "string" && typeof site === "string") return { customer, site, twin };
  if (twin) {
    throw new OperatorError("failed", `the tags customer and site of ${terminal} are missing`, {
      remedy: "It was never onboarded: onboard it.",
    });
  }
  const customers = given ? [given] : await fleet.flowKeys.customersOf(terminal);
  if (customers.length > 1) {
    throw new OperatorError("failed", `${terminal} has Flow rows of ${customers.join(", ")}`, {
      remedy: "Say which one it belongs to: --customer ID.",
    });
  }
  const [only] = customers;
  const row = only === undefined ? undefined : await fleet.flowKeys.get(only, terminal);
  if (only !== undefined && row) return { customer: only, site: row.site, twin: undefined };
  throw new OperatorError("failed", `there is no terminal ${terminal}, at the hub or at the Flow API`, {
    code: "NoSuchTerminal",
    remedy: "Is it spelled right? `terminals status` lists the terminals.",
  });
}

/** Takes away what its twin keeps of the keys it had, and its offers, whose keys would open again. */
async function forget(terminal: string, fleet: Fleet): Promise<void> {
  const offers = await fleet.offers.list(terminal);
  await fleet.offers.remove(
    terminal,
    offers.map(({ id }) => id),
  );
  await updateOptimistically(`the device twin ${terminal}`, async () => {
    const twin = await fleet.twins.get(terminal);
    if (!twin) return;
    expectNotDeleted(twin);
    const patch = { tags: { keys: null, retire: null }, desired: { keys: null } };
    return (await fleet.twins.patch(terminal, patch, twin.etag)) ? undefined : conflict;
  });
}

/** What was offered to it before: the keys to it are dead, and nobody would fetch it any more. */
async function deleteCopies(terminal: string, fleet: Fleet): Promise<number> {
  if (!(await fleet.files.hasContainer(terminal))) return 0;
  const container = await fleet.files.containerClient(terminal);
  let deleted = 0;
  const deleting = async () => {
    for await (const { name } of container.listBlobsFlat({ prefix: "to-terminal/" })) {
      await deleteBlob(container.getBlobClient(name));
      deleted++;
    }
  };
  await explained(deleting(), `deleting what was offered to ${terminal}`);
  return deleted;
}
