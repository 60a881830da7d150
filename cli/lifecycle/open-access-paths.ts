import type { Fleet } from "../azure/fleet.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { joinAnd, t } from "../words/translate.ts";
import { expectOwned, hasKeys, modifiedConcurrently, setIdentityState } from "./owned-identity.ts";

/** The access paths that a reinstatement opens, with its new keys. */
export interface Opening {
  terminal: string;
  customer: string;
  keys: DeviceKeys;
  /** Hash of the new Flow key. */
  currentKeySha256: string;
}

/**
 * Opens files, then the Flow API, then the IoT Hub. Each step verifies that no other run has revoked the terminal.
 * @param etag ETag of the Flow key row.
 */
export async function openAccessPaths(
  { terminal, customer, keys, currentKeySha256 }: Opening,
  etag: string,
  fleet: Fleet,
): Promise<void> {
  const { files, flowKeys } = fleet;
  await files.ensureContainer(terminal);
  // The order matters. A revocation that disables the identity after this check finds the active row and revokes it.
  // One that disabled it earlier is detected here, before the row becomes active.
  await expectOwned(terminal, fleet, keys);
  if (!(await flowKeys.update(customer, terminal, { status: "active" }, etag))) {
    // The response to a successful update may have been lost.
    const row = await flowKeys.get(customer, terminal);
    if (row?.status !== "active" || row.currentKeySha256 !== currentKeySha256) throw modifiedConcurrently();
  }
  await setIdentityState(terminal, fleet, keys, { status: "enabled", statusReason: null });
  // A revocation that started earlier may have closed the other two access paths already.
  const row = await flowKeys.get(customer, terminal);
  if (row?.status !== "active" || !(await files.hasPolicy(terminal))) throw modifiedConcurrently();
}

/**
 * Closes what `openAccessPaths` opened, unless another run has given the terminal other keys. Each access path is closed
 * whatever becomes of the others.
 * @param cause Why the terminal could not be reinstated.
 * @throws OperatorError that names the access paths that could not be closed.
 */
export async function closeAccessPaths(
  opening: Opening,
  fleet: Pick<Fleet, "registry" | "flowKeys" | "files">,
  cause: unknown,
): Promise<void> {
  const { terminal } = opening;
  const hub = disableOwned(opening, fleet);
  const flow = revokeOwned(opening, fleet);
  // When the key table cannot be read, the keys of the identity show whether the terminal is still this run's.
  const isOwned = flow.catch(() => hub);
  const files = isOwned.then((owned) => (owned ? fleet.files.removePolicy(terminal) : undefined));
  const outcomes = await Promise.allSettled([hub, flow, files]);
  const open = ["hub", "flow", "files"].filter((_, index) => outcomes[index]?.status === "rejected");
  if (open.length === 0) return;
  const message = cause instanceof Error ? cause.message : String(cause);
  throw new OperatorError("failed", t`${message}; closing ${joinAnd(open)} again failed too`, {
    remedy: t`Run \`npx terminals revoke ${terminal} --reason TEXT\`.`,
    cause,
  });
}

/** Disables the identity while it has this run's keys. @returns Whether it had them. */
function disableOwned({ terminal, keys }: Opening, { registry }: Pick<Fleet, "registry">): Promise<boolean> {
  return updateOptimistically(t`the device identity ${terminal}`, async () => {
    const identity = await registry.get(terminal);
    if (!identity || !hasKeys(identity, keys)) return false;
    if (identity.status === "disabled") return true;
    const disabled = { ...identity, status: "disabled" as const, statusReason: "reinstating it failed" };
    return (await registry.update(disabled)) ? true : conflict;
  });
}

/** Revokes the Flow key row while it has this run's key. @returns Whether it had it, or there is no row. */
async function revokeOwned(
  { terminal, customer, currentKeySha256 }: Opening,
  { flowKeys }: Pick<Fleet, "flowKeys">,
): Promise<boolean> {
  const row = await flowKeys.get(customer, terminal);
  if (row && row.currentKeySha256 !== currentKeySha256) return false;
  await flowKeys.revoke(customer, terminal);
  return true;
}
