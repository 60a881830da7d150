import { OperatorError } from "../errors.ts";
import type { Fleet } from "../fleet.ts";
import { hashFlowKey, mintFlowKey } from "../flow/flow-keys.ts";
import type { Handover } from "../handover/handover.ts";
import type { HandoverFolder } from "../handover/handover-folder.ts";
import type { DeviceKeys } from "../hub/registry.ts";
import { mintDeviceKeys } from "../onboarding/identities.ts";

/** What became of a terminal that was to be reinstated. */
export interface Reinstated {
  customer: string;
  site: string;
  /** False when it was not revoked, and nothing was changed. */
  wasRevoked: boolean;
  /** Copies of files for it that were deleted, so that keys made before opening them open nothing. */
  deletedFiles: number;
}

/**
 * Lets a revoked terminal in again, with fresh keys at every door and a new sealed hand-over. Its identity is enabled
 * last: after a kill it is still shut out, and running this again begins anew, with other keys.
 * @throws OperatorError when the hub does not know the terminal, or its tags.
 */
export async function reinstate(
  terminal: string,
  fleet: Fleet,
  options: { folder: HandoverFolder; seal(content: Handover): Promise<Uint8Array>; now?: number },
): Promise<Reinstated> {
  const twin = await fleet.twins.get(terminal);
  if (!twin) throw new OperatorError("failed", `the hub has no terminal ${terminal}`);
  const { customer, site } = (twin.tags ?? {}) as Record<string, unknown>;
  if (typeof customer !== "string" || typeof site !== "string") {
    throw new OperatorError("failed", `the tags customer and site of ${terminal} are missing`, {
      remedy: "It was never onboarded: onboard it.",
    });
  }
  const row = await fleet.flowKeys.get(customer, terminal);
  const isOpen = row?.status === "active" && (await fleet.files.hasPolicy(terminal));
  if (twin.status === "enabled" && isOpen) return { customer, site, wasRevoked: false, deletedFiles: 0 };

  const keys = mintDeviceKeys();
  const reason = twin.statusReason ?? "being reinstated";
  await setIdentity(terminal, fleet, keys, { status: "disabled", statusReason: reason });
  await forget(terminal, fleet);
  const deletedFiles = await deleteCopies(terminal, fleet);
  const terminalKey = mintFlowKey();
  const createdAt = new Date(options.now ?? Date.now()).toISOString();
  const content: Handover = {
    version: 1,
    terminalId: terminal,
    customer,
    site,
    hub: { hostName: fleet.outputs.hubHostName, deviceId: terminal, primaryKey: keys.primaryKey },
    flow: {
      url: fleet.outputs.flowUrl,
      sharedKey: await fleet.customers.sharedKey(customer),
      terminalKey,
    },
    createdAt,
  };
  await options.folder.stage(terminal, await options.seal(content));
  await options.folder.publish([terminal]);
  await fleet.flowKeys.put(customer, terminal, {
    currentKeySha256: hashFlowKey(terminalKey),
    previousKeySha256: "",
    status: "active",
    site,
    keyCreatedAt: createdAt,
  });
  await fleet.files.ensureContainer(terminal);
  await setIdentity(terminal, fleet, keys, { status: "enabled", statusReason: null });
  return { customer, site, wasRevoked: true, deletedFiles };
}

async function setIdentity(
  terminal: string,
  fleet: Fleet,
  keys: DeviceKeys,
  state: { status: "enabled" | "disabled"; statusReason: string | null },
): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const identity = await fleet.registry.get(terminal);
    if (!identity) throw new OperatorError("failed", `the hub has no terminal ${terminal} any more`);
    const { symmetricKey } = identity.authentication;
    const isOurs =
      symmetricKey.primaryKey === keys.primaryKey && symmetricKey.secondaryKey === keys.secondaryKey;
    if (isOurs && identity.status === state.status) return;
    if (state.status === "enabled" && !isOurs) {
      throw new OperatorError("failed", "its keys were changed by somebody else meanwhile", {
        remedy: "It stays revoked. Find out who, and run this again.",
      });
    }
    const authentication = { type: "sas", symmetricKey: keys };
    if (await fleet.registry.update({ ...identity, ...state, authentication })) return;
  }
  throw new OperatorError("failed", "its identity is changed by others all the time", {
    remedy: "Run this again.",
  });
}

/** Takes away what its twin keeps of the keys it had, and its offers, whose keys would open again. */
async function forget(terminal: string, fleet: Fleet): Promise<void> {
  const offers = await fleet.offers.list(terminal);
  await fleet.offers.remove(
    terminal,
    offers.map(({ id }) => id),
  );
  for (let attempt = 1; attempt <= 5; attempt++) {
    const twin = await fleet.twins.get(terminal);
    if (!twin) return;
    const patch = { tags: { keys: null, retire: null }, desired: { keys: null } };
    if (await fleet.twins.patch(terminal, patch, twin.etag)) return;
  }
  throw new OperatorError("failed", "its twin is changed by others all the time", {
    remedy: "Run this again.",
  });
}

/** Keys of files that were made before it was revoked are good again with the policy: their files must be gone. */
async function deleteCopies(terminal: string, fleet: Fleet): Promise<number> {
  const container = await fleet.files.container(terminal);
  if (!(await container.exists())) return 0;
  let deleted = 0;
  for await (const { name } of container.listBlobsFlat({ prefix: "to-terminal/" })) {
    await container.deleteBlob(name, { deleteSnapshots: "include" });
    deleted++;
  }
  return deleted;
}
