import type { Fleet } from "../azure/fleet.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import { OperatorError } from "../lib/operator-error.ts";
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
 * Closes what `openAccessPaths` opened, unless another run has given the terminal other keys.
 * @param cause Why the terminal could not be reinstated.
 */
export async function closeAccessPaths(
  { terminal, customer, keys, currentKeySha256 }: Opening,
  { registry, flowKeys, files }: Pick<Fleet, "registry" | "flowKeys" | "files">,
  cause: unknown,
): Promise<void> {
  try {
    const identity = await registry.get(terminal);
    if (identity?.status === "enabled" && hasKeys(identity, keys)) {
      await registry.update({ ...identity, status: "disabled", statusReason: "reinstating it failed" });
    }
    const row = await flowKeys.get(customer, terminal);
    if (row && row.currentKeySha256 !== currentKeySha256) return;
    await flowKeys.revoke(customer, terminal);
    await files.removePolicy(terminal);
  } catch {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("failed", `${message}; closing its access paths again failed too`, {
      remedy: `Run \`terminals revoke ${terminal} --reason TEXT\`.`,
      cause,
    });
  }
}
