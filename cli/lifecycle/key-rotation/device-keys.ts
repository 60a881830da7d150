import type { DeviceIdentity, DeviceKeys } from "../../azure/iot-hub/registry.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { hasKeys } from "../owned-identity.ts";
import { ConflictError, type RotationContext } from "./context.ts";

/** Reads a device identity. @throws OperatorError when it was deleted or revoked. */
export async function readEnabledIdentity(
  terminal: string,
  { fleet }: RotationContext,
): Promise<DeviceIdentity> {
  const identity = await fleet.registry.get(terminal);
  if (identity?.status === "enabled") return identity;
  const message = identity ? t`it was revoked at the same time` : t`it has no device identity`;
  throw new OperatorError("failed", message);
}

/** Replaces the keys of an identity under its ETag. @throws ConflictError when it was modified since it was read. */
export async function replaceKeys(
  identity: DeviceIdentity,
  symmetricKey: DeviceKeys,
  { fleet }: RotationContext,
): Promise<void> {
  const authentication = { type: "sas", symmetricKey };
  if (await fleet.registry.update({ ...identity, authentication })) return;
  // The response to a successful update may have been lost.
  const current = await fleet.registry.get(identity.deviceId);
  if (!current || !hasKeys(current, symmetricKey)) throw new ConflictError();
}
