import { explain } from "../azure/explain-error.ts";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { hasKeys } from "./owned-identity.ts";

/** The three ways in which a terminal reaches Azure. */
export type AccessPath = "hub" | "files" | "flow";

/** The result of closing one access path. */
export interface AccessPathResult {
  accessPath: AccessPath;
  /** True only when the service confirmed it after the change. */
  closed: boolean;
  /** What was changed and verified, in a few words. */
  what: string;
  /** Whether the service has any record of the terminal. */
  known: boolean;
  /** How long it took, in milliseconds. */
  ms: number;
  error?: OperatorError;
}

/** Characters that the IoT Hub stores of a status reason. */
export const longestReason = 128;

/** Maximum wait in milliseconds for the IoT Hub to close an open connection. Azure documents no limit. */
export const disconnectWaitMs = 5 * 60_000;
const firstPollMs = 250;
/** Polling uses the twin-read throttle. It slows down to this while many connections take long to close. */
const longestPollMs = 5_000;
/** Storage may take 30 seconds to apply a change of a stored access policy. */
const policyWaitMs = 60_000;
const policyPollMs = 500;

/** Options of `revoke`. */
export interface RevokeOptions {
  /** Stored with the device identity; at most `longestReason` characters. */
  reason: string;
  /** The customer ID. Needed for a terminal without a device identity. */
  customer?: string;
  /** How long to wait for the IoT Hub to close an open connection, in milliseconds; default `disconnectWaitMs`. */
  waitMs?: number;
  /** The customers that have a Flow key row for a terminal. Default: a scan of the whole table per terminal. */
  customersOf?: (terminal: string) => Promise<string[]>;
  clock?: Clock;
  /** Called as soon as an access path is done. */
  onResult?: (result: AccessPathResult) => void;
}

type Closed = Pick<AccessPathResult, "what" | "known">;

const closed = (what: string): Closed => ({ what, known: true });
const unknown = (what: string): Closed => ({ what, known: false });

/**
 * Closes the three access paths of a terminal concurrently, and verifies each one: disables the device identity and
 * replaces both keys, revokes the Flow key rows, and deletes the stored access policy. A failure of one access path does
 * not stop the others. Revoking a revoked terminal again changes nothing.
 *
 * An onboarding or reinstatement that runs at the same time may open files and Flow API again. Therefore both are closed
 * once more after the identity is disabled. A reinstatement that starts later is left alone: then the IoT Hub's result is
 * an error that reports it.
 */
export async function revoke(
  terminal: string,
  fleet: Fleet,
  options: RevokeOptions,
): Promise<AccessPathResult[]> {
  const clock = options.clock ?? systemClock;
  const close = async (accessPath: AccessPath, work: () => Promise<Closed>): Promise<AccessPathResult> => {
    const startMs = clock.now();
    let outcome: Omit<AccessPathResult, "accessPath" | "ms">;
    try {
      outcome = { closed: true, ...(await work()) };
    } catch (thrown) {
      const error = explain(thrown, `closing the access path "${accessPath}"`);
      if (!(error instanceof OperatorError)) throw error;
      outcome = { closed: false, what: error.message, known: true, error };
    }
    const result = { accessPath, ...outcome, ms: clock.now() - startMs };
    options.onResult?.(result);
    return result;
  };
  const isIdentityKnown = disableIdentity(terminal, fleet, options.reason, clock);
  /** Resolves to true when everything that was opened until then must be closed again. */
  const mustCloseAgain = isIdentityKnown.then(
    async (isKnown) => isKnown && isRevoked(await fleet.twins.get(terminal)),
    () => false,
  );
  const rows = revokeFlowKeys(terminal, fleet, options);
  const flow = close("flow", async () => {
    const { customers, ...first } = await rows;
    if (await mustCloseAgain) {
      for (const customer of customers) await revokeFlowKey(customer, terminal, fleet);
    }
    return first;
  });
  const files = close("files", async () => {
    const first = await closeFiles(terminal, fleet, clock);
    // A run that adds a policy reads the Flow key row afterwards, and deletes the policy when the row is revoked.
    await Promise.all([rows.catch(() => {}), flow]);
    return (await mustCloseAgain) && (await fleet.files.hasPolicy(terminal))
      ? closeFiles(terminal, fleet, clock)
      : first;
  });
  const hub = close("hub", async () => {
    if (!(await isIdentityKnown)) return unknown("the IoT Hub has no such device identity");
    await waitForDisconnect(terminal, fleet, options.waitMs ?? disconnectWaitMs, clock);
    // Checked last: a reinstatement after this check is intentional.
    await Promise.all([flow, files]);
    if (!isRevoked(await fleet.twins.get(terminal))) throw reinstatedConcurrently();
    return closed("device identity disabled, both keys replaced, no open connection");
  });
  return Promise.all([hub, files, flow]);
}

/** The status reason of an identity while its terminal is being reinstated. */
export const beingReinstated = "being reinstated";

/** Whether the identity is disabled and no reinstatement is in progress. A deleted identity counts as revoked. */
function isRevoked(twin: DeviceTwin | undefined): boolean {
  return !twin || (twin.status === "disabled" && !twin.statusReason?.startsWith(beingReinstated));
}

function reinstatedConcurrently(): OperatorError {
  return new OperatorError("failed", "another operator reinstated the terminal at the same time", {
    remedy: "Find out who with `terminals audit show`. Then run this again.",
  });
}

/** Waits until the IoT Hub has closed the connection of a disabled identity. */
async function waitForDisconnect(
  terminal: string,
  { twins }: Pick<Fleet, "twins">,
  waitMs: number,
  clock: Clock,
): Promise<void> {
  const deadline = clock.now() + waitMs;
  for (let pollMs = firstPollMs; ; pollMs *= 1.5) {
    const twin = await twins.get(terminal);
    if (!isRevoked(twin)) throw reinstatedConcurrently();
    if (!twin || twin.connectionState === "Disconnected") return;
    if (clock.now() >= deadline) {
      throw new OperatorError(
        "failed",
        `the device identity is disabled and its keys are replaced, but its connection is still open after ${Math.round(waitMs / 1000)} s`,
        {
          code: "StillConnected",
          remedy:
            "The IoT Hub closes it, or it ends when its token expires. Run this again to verify that it is closed.",
        },
      );
    }
    await clock.sleep(Math.min(pollMs, longestPollMs, deadline - clock.now()));
  }
}

/**
 * Disables an identity and replaces both keys in one request, so that no half-done state exists. It costs one registry
 * operation, so that the terminals of a whole customer are revoked at the pace of the hub's tier.
 * @returns False when there is no identity.
 */
async function disableIdentity(
  terminal: string,
  { twins, registry }: Pick<Fleet, "twins" | "registry">,
  reason: string,
  clock: Clock,
): Promise<boolean> {
  const keys = mintDeviceKeys();
  let etag = (await twins.get(terminal))?.deviceEtag;
  const disable = async () => {
    if (etag === undefined) return false;
    const isUpdated = await registry.update({
      deviceId: terminal,
      etag,
      status: "disabled",
      statusReason: reason,
      authentication: { type: "sas", symmetricKey: keys },
    });
    if (isUpdated) return true;
    // Another client modified the identity, or the response to a successful update was lost.
    const identity = await registry.get(terminal);
    if (identity?.status === "disabled" && hasKeys(identity, keys)) return true;
    etag = identity?.etag;
    return conflict;
  };
  return updateOptimistically(`the device identity ${terminal}`, disable, { clock });
}

async function closeFiles(terminal: string, { files }: Pick<Fleet, "files">, clock: Clock): Promise<Closed> {
  if (!(await files.hasContainer(terminal))) return unknown("there is no container");
  const policy = await files.removePolicy(terminal);
  if (!policy) return closed("there is no stored access policy, so no file link is valid");
  const deadline = clock.now() + policyWaitMs;
  while (await files.acceptsLinks(terminal, policy)) {
    if (clock.now() > deadline) {
      throw new OperatorError(
        "failed",
        "the stored access policy is deleted, but storage still accepts a file link",
        { remedy: "Storage may take a minute to apply the change. Run this again." },
      );
    }
    await clock.sleep(policyPollMs);
  }
  return closed("stored access policy deleted, a file link is rejected");
}

async function revokeFlowKeys(
  terminal: string,
  { registry, flowKeys }: Pick<Fleet, "registry" | "flowKeys">,
  { customer: named, customersOf = (id) => flowKeys.customersOf(id) }: RevokeOptions,
): Promise<Closed & { customers: string[] }> {
  const [tags, holders] = await Promise.all([registry.tags(terminal), customersOf(terminal)]);
  const expected = [named, tags?.customer].filter((one) => one !== undefined);
  const customers: string[] = [];
  for (const customer of new Set([...holders, ...expected])) {
    if (await revokeFlowKey(customer, terminal, { flowKeys })) customers.push(customer);
  }
  if (customers.length > 1) {
    return { ...closed(`Flow key rows of ${customers.length} customers revoked`), customers };
  }
  if (customers.length === 1) return { ...closed("Flow key row revoked"), customers };
  if (!tags?.customer) return { ...unknown("there is no Flow key row"), customers };
  // An interrupted or running onboarding would otherwise add an active row.
  await flowKeys.addRevoked(tags.customer, terminal, tags.site ?? "");
  const what = "there was no Flow key row; a revoked one was added";
  return { ...closed(what), customers: [tags.customer] };
}

/** @returns Whether there is a row. */
async function revokeFlowKey(
  customer: string,
  terminal: string,
  { flowKeys }: Pick<Fleet, "flowKeys">,
): Promise<boolean> {
  const row = await flowKeys.revoke(customer, terminal);
  if (row && row.status !== "revoked") {
    throw new OperatorError("failed", `the Flow key row has the status ${row.status}`);
  }
  return row !== undefined;
}
