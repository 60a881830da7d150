import { explained } from "../azure/explain-error.ts";
import type { Fleet } from "../azure/fleet.ts";
import { mintFlowKey } from "../azure/flow-api/flow-keys.ts";
import { noSuchTerminal } from "../azure/iot-hub/nearest-terminals.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { deleteBlob } from "../file-exchange/delete-blob.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { sha256Base64 } from "../lib/sha256.ts";
import { t } from "../words/translate.ts";
import { closeAccessPaths, openAccessPaths } from "./open-access-paths.ts";
import { createIdentity, modifiedConcurrently, setIdentityState } from "./owned-identity.ts";
import { isBeingDeleted } from "./retire.ts";
import { beingReinstated } from "./revocation/close-hub.ts";
import { longestReason } from "./revoke.ts";

/** The result of reinstating a terminal. */
export interface Reinstated {
  customer: string;
  site: string;
  /**
   * "reinstated": it has new keys. "repaired": it was not revoked, and its missing stored access policy was added.
   * "unchanged": it was not revoked.
   */
  outcome: "reinstated" | "repaired" | "unchanged";
  /** Number of deleted blobs that had been offered to the terminal. */
  deletedFiles: number;
}

/** Options of `reinstate`. */
export interface ReinstateOptions {
  /** Receives the new sealed credential bundle. */
  folder: BundleFolder;
  seal(content: CredentialBundle): Promise<Uint8Array>;
  /** The customer ID. Needed for a terminal without a device identity and with Flow key rows of several customers. */
  customer?: string;
  /** Milliseconds since 1970; default now. */
  now?: number;
}

/**
 * Reinstates a revoked terminal with new keys on all access paths and a new sealed credential bundle. A deleted device
 * identity is created again. The identity is enabled last: until then the IoT Hub rejects the terminal. After a kill,
 * running it again starts from the beginning with other keys. A concurrent revocation wins: everything that was opened is
 * closed again.
 * @throws OperatorError when it fails. A terminal that was revoked stays revoked.
 */
export async function reinstate(
  terminal: string,
  fleet: Fleet,
  options: ReinstateOptions,
): Promise<Reinstated> {
  const { customer, site, twin } = await locate(terminal, fleet, options.customer);
  if (twin) expectNotDeleted(twin);
  const row = await fleet.flowKeys.get(customer, terminal);
  if (twin?.status === "enabled" && row?.status === "active") {
    return { customer, site, outcome: await repairPolicy(terminal, customer, fleet), deletedFiles: 0 };
  }
  // Everything that can be rejected is read before the first change.
  const sharedKey = await fleet.customers.subscriptionKey(customer);
  const keys = mintDeviceKeys();
  if (!twin) await createIdentity(terminal, { customer, site }, fleet);
  await setIdentityState(terminal, fleet, keys, { status: "disabled", statusReason: reasonDuring(twin) });
  await removeOffersAndKeyRecords(terminal, fleet);
  // A policy can be left over from an interrupted revocation. Old file links are bound to it.
  await fleet.files.removePolicy(terminal);
  const deletedFiles = await deleteOfferedFiles(terminal, fleet);
  const terminalKey = mintFlowKey();
  const createdAt = laterThan(row?.keyCreatedAt, options.now ?? Date.now());
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
  const currentKeySha256 = sha256Base64(terminalKey);
  const etag = await fleet.flowKeys.put(customer, terminal, {
    currentKeySha256,
    previousKeySha256: "",
    status: "revoked",
    site,
    keyCreatedAt: createdAt,
    sharedKeySha256: sha256Base64(sharedKey),
  });
  const opening = { terminal, customer, keys, currentKeySha256 };
  try {
    await openAccessPaths(opening, etag, fleet);
  } catch (error) {
    await closeAccessPaths(opening, fleet, error);
    throw error;
  }
  return { customer, site, outcome: "reinstated", deletedFiles };
}

/** The status reason during the reinstatement. It includes the reason of the revocation. */
function reasonDuring(twin: DeviceTwin | undefined): string {
  const previous = twin?.statusReason ? ` (${twin.statusReason})` : "";
  return `${beingReinstated}${previous}`.slice(0, longestReason);
}

/**
 * The creation time of a new credential bundle. A terminal accepts only a newer bundle than its own, so this is later
 * than the time of its last one even when this computer's clock is slow.
 */
function laterThan(previous: string | undefined, now: number): string {
  const previousMs = Date.parse(previous ?? "") || 0;
  return new Date(Math.max(now, previousMs + 1)).toISOString();
}

function expectNotDeleted(twin: DeviceTwin): void {
  if (!isBeingDeleted(twin)) return;
  throw new OperatorError("failed", t`${twin.deviceId} is retired, and is being deleted`, {
    remedy: t`Complete the deletion with \`npx terminals retire ${quote(twin.deviceId, "TERMINAL")}\`. Then onboard the terminal again.`,
  });
}

/** Adds a missing stored access policy to a terminal that is not revoked. */
async function repairPolicy(
  terminal: string,
  customer: string,
  { files, twins, flowKeys }: Pick<Fleet, "files" | "twins" | "flowKeys">,
): Promise<"repaired" | "unchanged"> {
  if (await files.hasPolicy(terminal)) return "unchanged";
  await files.ensureContainer(terminal);
  // A concurrent revocation may have deleted the policy.
  const twin = await twins.get(terminal);
  const row = await flowKeys.get(customer, terminal);
  if (twin?.status === "enabled" && row?.status === "active") return "repaired";
  await files.removePolicy(terminal);
  throw modifiedConcurrently();
}

/** The customer and site of a terminal: from its tags, or from its Flow key row when it has no device identity. */
async function locate(
  terminal: string,
  { twins, flowKeys, registry }: Pick<Fleet, "twins" | "flowKeys" | "registry">,
  named: string | undefined,
): Promise<{ customer: string; site: string; twin: DeviceTwin | undefined }> {
  const twin = await twins.get(terminal);
  const { customer, site } = (twin?.tags ?? {}) as Record<string, unknown>;
  if (typeof customer === "string" && typeof site === "string") return { customer, site, twin };
  if (twin) {
    throw new OperatorError("failed", t`the device twin ${terminal} has no tags customer and site`, {
      remedy: t`It was never onboarded: onboard it.`,
    });
  }
  const customers = named ? [named] : await flowKeys.customersOf(terminal);
  if (customers.length > 1) {
    throw new OperatorError("failed", t`${terminal} has Flow key rows of ${customers.join(", ")}`, {
      remedy: t`Name the customer that it belongs to: --customer ID.`,
    });
  }
  const [only] = customers;
  const row = only === undefined ? undefined : await flowKeys.get(only, terminal);
  if (only !== undefined && row) return { customer: only, site: row.site, twin: undefined };
  const message = t`there is no terminal ${terminal} at the IoT Hub or the Flow API`;
  throw await noSuchTerminal(registry, terminal, message);
}

/** Removes the terminal's offers, the key offer and the rotation record from its twin. */
async function removeOffersAndKeyRecords(
  terminal: string,
  { offers, twins }: Pick<Fleet, "offers" | "twins">,
): Promise<void> {
  const existing = await offers.list(terminal);
  await offers.remove(
    terminal,
    existing.map(({ id }) => id),
  );
  await updateOptimistically(t`the device twin ${terminal}`, async () => {
    const twin = await twins.get(terminal);
    if (!twin) return;
    expectNotDeleted(twin);
    const patch = { tags: { keys: null, retire: null }, desired: { keys: null } };
    return (await twins.patch(terminal, patch, twin.etag)) ? undefined : conflict;
  });
}

/** Deletes the blobs that were offered to the terminal: their links are invalid, so it cannot fetch them. */
async function deleteOfferedFiles(terminal: string, { files }: Pick<Fleet, "files">): Promise<number> {
  if (!(await files.hasContainer(terminal))) return 0;
  const container = await files.containerClient(terminal);
  let deleted = 0;
  const deleting = async () => {
    for await (const { name } of container.listBlobsFlat({ prefix: "to-terminal/" })) {
      await deleteBlob(container.getBlobClient(name));
      deleted++;
    }
  };
  await explained(deleting(), t`deleting the files offered to ${terminal}`);
  return deleted;
}
