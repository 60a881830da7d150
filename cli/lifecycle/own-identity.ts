import type { Fleet } from "../azure/fleet.ts";
import type { DeviceIdentity, DeviceKeys } from "../azure/iot-hub/registry.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { OperatorError } from "../lib/errors.ts";
import { mintDeviceKeys } from "../onboarding/identities.ts";

/*
 * An identity under keys that one run has minted: while it has them nobody else has changed it, and a change of state is
 * made only then.
 */

/** Makes an identity whose keys nobody has. */
export async function makeIdentity(
  terminal: string,
  tags: { customer: string; site: string },
  fleet: Fleet,
): Promise<void> {
  const codes = await fleet.registry.create([{ id: terminal, keys: mintDeviceKeys(), tags }]);
  const code = codes.get(terminal);
  if (code === undefined || (await fleet.registry.get(terminal))) return;
  throw new OperatorError("failed", `creating the identity of ${terminal}: ${code}`, { code });
}

/**
 * Gives an identity these keys, or, to enable it, makes sure that it has them still.
 * @throws OperatorError when somebody else has changed it.
 */
export async function setIdentity(
  terminal: string,
  fleet: Fleet,
  keys: DeviceKeys,
  state: { status: "enabled" | "disabled"; statusReason: string | null },
): Promise<void> {
  await updateOptimistically(`the device identity ${terminal}`, async () => {
    const identity = await fleet.registry.get(terminal);
    if (!identity) throw new OperatorError("failed", `the hub has no terminal ${terminal} any more`);
    const isOurs = hasKeys(identity, keys);
    if (isOurs && identity.status === state.status) return;
    if (state.status === "enabled" && !isOurs) throw changed();
    const authentication = { type: "sas", symmetricKey: keys };
    return (await fleet.registry.update({ ...identity, ...state, authentication })) ? undefined : conflict;
  });
}

/** @throws OperatorError when an identity does not have these keys any more. */
export async function expectOurs(terminal: string, fleet: Fleet, keys: DeviceKeys): Promise<void> {
  const identity = await fleet.registry.get(terminal);
  if (!identity || !hasKeys(identity, keys)) throw changed();
}

/** Whether an identity has these keys. */
export function hasKeys({ authentication: { symmetricKey } }: DeviceIdentity, keys: DeviceKeys): boolean {
  return symmetricKey.primaryKey === keys.primaryKey && symmetricKey.secondaryKey === keys.secondaryKey;
}

/** Somebody else was faster. */
export function changed(): OperatorError {
  return new OperatorError("failed", "somebody else revoked or reinstated it meanwhile", {
    remedy:
      "It stays revoked, and a hand-over that was just made does not work. Find out who, and run this again.",
  });
}
