import type { Fleet } from "../azure/fleet.ts";
import type { DeviceIdentity, DeviceKeys } from "../azure/iot-hub/registry.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/*
 * A device identity whose keys one run has minted. As long as it has these keys, no other run has revoked or reinstated
 * it. Changes of its state require that.
 */

/** Creates an identity with random keys that are not stored anywhere else. */
export async function createIdentity(
  terminal: string,
  tags: { customer: string; site: string },
  { registry }: Pick<Fleet, "registry">,
): Promise<void> {
  const codes = await registry.create([{ id: terminal, keys: mintDeviceKeys(), tags }]);
  const code = codes.get(terminal);
  if (code === undefined || (await registry.get(terminal))) return;
  throw new OperatorError("failed", t`creating the device identity ${terminal}: ${code}`, { code });
}

/** The state that `setIdentityState` sets. */
export interface IdentityState {
  status: "enabled" | "disabled";
  statusReason: string | null;
}

/**
 * Disables an identity and gives it these keys, or enables an identity that still has these keys.
 * @throws OperatorError when another run has replaced the keys of an identity that is to be enabled.
 */
export async function setIdentityState(
  terminal: string,
  { registry }: Pick<Fleet, "registry">,
  keys: DeviceKeys,
  state: IdentityState,
): Promise<void> {
  await updateOptimistically(t`the device identity ${terminal}`, async () => {
    const identity = await registry.get(terminal);
    if (!identity) throw new OperatorError("failed", t`the device identity ${terminal} was deleted`);
    const isOwned = hasKeys(identity, keys);
    if (isOwned && identity.status === state.status) return;
    if (state.status === "enabled" && !isOwned) throw modifiedConcurrently();
    const authentication = { type: "sas", symmetricKey: keys };
    return (await registry.update({ ...identity, ...state, authentication })) ? undefined : conflict;
  });
}

/** @throws OperatorError when an identity no longer has these keys. */
export async function expectOwned(
  terminal: string,
  { registry }: Pick<Fleet, "registry">,
  keys: DeviceKeys,
): Promise<void> {
  const identity = await registry.get(terminal);
  if (!identity || !hasKeys(identity, keys)) throw modifiedConcurrently();
}

/** Whether an identity has these keys. */
export function hasKeys({ authentication: { symmetricKey } }: DeviceIdentity, keys: DeviceKeys): boolean {
  return symmetricKey.primaryKey === keys.primaryKey && symmetricKey.secondaryKey === keys.secondaryKey;
}

/** The error for a terminal that another run revoked or reinstated during this run. */
export function modifiedConcurrently(): OperatorError {
  return new OperatorError(
    "failed",
    t`another operator revoked or reinstated the terminal at the same time`,
    {
      code: "ConcurrentModification",
      remedy: t`It stays revoked, and a credential bundle that this run created does not work. Find out who with \`npx terminals audit show\`, then run this again.`,
    },
  );
}
