import type { Fleet } from "../../azure/fleet.ts";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { mintDeviceKeys } from "../../credentials/device-keys.ts";
import type { Clock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";

/** Maximum wait in milliseconds for the IoT Hub to close an open connection. Azure documents no limit. */
export const disconnectWaitMs = 5 * 60_000;
const firstPollMs = 250;
/** Polling uses the twin-read throttle. It slows down to this while many connections take long to close. */
const longestPollMs = 5_000;

/** The status reason of an identity while its terminal is being reinstated. */
export const beingReinstated = "being reinstated";

/** What a revocation reads of a device. */
type DeviceState = Pick<DeviceTwin, "status" | "connectionState"> & { statusReason?: string | null };

/**
 * Disables an identity and replaces both keys in one request, so that no half-done state exists. Nothing is read before:
 * reading the twin would fail when the IoT Hub's daily quota is used up, which a stolen terminal can bring about. It costs
 * one registry operation, so that the terminals of a whole customer are revoked at the pace of the hub's tier.
 * @returns False when there is no identity.
 */
export function disableIdentity(
  terminal: string,
  { registry }: Pick<Fleet, "registry">,
  reason: string,
): Promise<boolean> {
  return registry.disable(terminal, mintDeviceKeys(), reason);
}

/**
 * Reads the state of a device; undefined when there is none. It reads the twin, whose throttle is larger than the
 * registry's. Reading twins counts as messages, so the identity is read when the daily quota is used up.
 */
async function readDeviceState(
  terminal: string,
  { twins, registry }: Pick<Fleet, "twins" | "registry">,
): Promise<{ state: DeviceState | undefined; isFromTwin: boolean }> {
  try {
    return { state: await twins.get(terminal), isFromTwin: true };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    return { state: await registry.get(terminal), isFromTwin: false };
  }
}

/** Whether the identity is disabled and no reinstatement is in progress. A deleted identity counts as revoked. */
function isRevoked(state: DeviceState | undefined): boolean {
  return !state || (state.status === "disabled" && !state.statusReason?.startsWith(beingReinstated));
}

/** Whether a disabled identity is still revoked. An identity that cannot be read now counts as revoked. */
export async function isStillRevoked(
  terminal: string,
  fleet: Pick<Fleet, "twins" | "registry">,
): Promise<boolean> {
  try {
    return isRevoked((await readDeviceState(terminal, fleet)).state);
  } catch (error) {
    if (error instanceof OperatorError) return true;
    throw error;
  }
}

/** The error for a terminal that another operator reinstated during its revocation. */
export function reinstatedConcurrently(): OperatorError {
  return new OperatorError("failed", t`another operator reinstated the terminal at the same time`, {
    remedy: t`Find out who with \`npx terminals audit show\`. Then run this again.`,
  });
}

/**
 * Waits until the IoT Hub has closed the connection of a disabled identity.
 * @throws OperatorError when the connection stays open, or its state cannot be read.
 */
export async function waitForDisconnect(
  terminal: string,
  fleet: Pick<Fleet, "twins" | "registry">,
  waitMs: number,
  clock: Clock,
): Promise<void> {
  const deadline = clock.now() + waitMs;
  for (let pollMs = firstPollMs; ; pollMs *= 1.5) {
    const { state, isFromTwin } = await readDeviceState(terminal, fleet).catch(connectionUnknown);
    if (!isRevoked(state)) throw reinstatedConcurrently();
    if (!state || state.connectionState === "Disconnected") return;
    if (clock.now() >= deadline) {
      throw new OperatorError(
        "failed",
        t`the device identity is disabled and its keys are replaced, but its connection is still open after ${Math.round(waitMs / 1000)} s`,
        {
          code: "StillConnected",
          remedy: t`The IoT Hub closes it, or it ends when its token expires. Run this again to verify that it is closed.`,
        },
      );
    }
    const nextMs = isFromTwin ? Math.min(pollMs, longestPollMs) : longestPollMs;
    await clock.sleep(Math.min(nextMs, deadline - clock.now()));
  }
}

function connectionUnknown(error: unknown): never {
  if (!(error instanceof OperatorError)) throw error;
  const { outcome, code, remedy } = error;
  throw new OperatorError(
    outcome,
    t`the device identity is disabled and its keys are replaced, but its connection could not be checked: ${error.message}`,
    { code, remedy, cause: error },
  );
}
