import type { Fleet } from "../azure/fleet.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { explain, OperatorError } from "../lib/errors.ts";
import { mintDeviceKeys } from "../onboarding/identities.ts";

/** The three places that a terminal gets in by. */
export type AccessPath = "hub" | "files" | "flow";

/** What became of one door. */
export interface AccessPathResult {
  door: AccessPath;
  /** True only when a look at the service afterwards showed it closed. */
  closed: boolean;
  /** What was done and seen, in a few words. */
  what: string;
  /** Whether the door knows the terminal at all. */
  known: boolean;
  /** How long it took, in milliseconds. */
  ms: number;
  error?: OperatorError;
}

/** The hub keeps 128 characters of a reason. */
export const longestReason = 128;

/** How long the hub may take to drop a live connection, in milliseconds; Azure promises nothing. */
export const dropWaitMs = 5 * 60_000;
const dropPollMs = 250;
/** With a fleet of connections that are slow to go, looks take of the twins' throttle: they become rarer. */
const longestPollMs = 5_000;
/** Storage may take 30 seconds to follow a change of a stored access policy. */
const policyWaitMs = 60_000;
const policyPollMs = 500;

/** How `revoke` closes doors. */
export interface RevokeOptions {
  /** Kept with the identity; at most `longestReason` characters. */
  reason: string;
  /** The customer's id, for a terminal that the hub does not know any more. */
  customer?: string;
  /** How long to wait for the hub to drop a live connection; default `dropWaitMs`. */
  waitMs?: number;
  /** The customers that have a Flow row for a terminal; default a look through the whole table for each. */
  customersOf?: (terminal: string) => Promise<string[]>;
  clock?: Clock;
  onDoor?: (door: AccessPathResult) => void;
}

type Shut = Pick<AccessPathResult, "what" | "known">;

const shut = (what: string): Shut => ({ what, known: true });
const unknown = (what: string): Shut => ({ what, known: false });

/**
 * Closes the three doors to a terminal, at the same time, and looks whether each is closed: its identity is disabled
 * with the reason and both keys are made anew, its Flow rows are revoked, its stored access policy is removed. Each
 * door is tried whatever becomes of the others. Doing it again is safe.
 *
 * Once the identity is shut, the other two are looked at again: what somebody who onboards or reinstates the terminal at
 * the same moment has opened until then is closed too. Who begins to reinstate it after that is not disturbed, and the
 * hub's door tells of it.
 */
export async function revoke(
  terminal: string,
  fleet: Fleet,
  options: RevokeOptions,
): Promise<AccessPathResult[]> {
  const clock = options.clock ?? systemClock;
  const close = async (door: AccessPath, work: () => Promise<Shut>): Promise<AccessPathResult> => {
    const start = clock.now();
    let result: Omit<AccessPathResult, "door" | "ms">;
    try {
      result = { closed: true, ...(await work()) };
    } catch (thrown) {
      const error = explain(thrown, `closing the ${door} door`);
      if (!(error instanceof OperatorError)) throw error;
      result = { closed: false, what: error.message, known: true, error };
    }
    const told = { door, ...result, ms: clock.now() - start };
    options.onDoor?.(told);
    return told;
  };
  const identity = shutIdentity(terminal, fleet, options.reason);
  /** Resolves when what has been opened until now is to be closed. */
  const isShut = identity.then(
    async (known) => known && isRevoked(await fleet.twins.get(terminal)),
    () => false,
  );
  const rows = closeFlow(terminal, fleet, options);
  const flow = close("flow", async () => {
    const { customers, ...first } = await rows;
    if (await isShut) for (const customer of customers) await closeRow(customer, terminal, fleet);
    return first;
  });
  const files = close("files", async () => {
    const first = await closeFiles(terminal, fleet, clock);
    // A run that adds a policy looks at the Flow row afterwards, and takes the policy away again.
    await Promise.all([rows.catch(() => {}), flow]);
    return (await isShut) && (await fleet.files.hasPolicy(terminal))
      ? closeFiles(terminal, fleet, clock)
      : first;
  });
  const hub = close("hub", async () => {
    if (!(await identity)) return unknown("the hub has no such identity");
    await untilDropped(terminal, fleet, options.waitMs ?? dropWaitMs, clock);
    // Last of all: whoever was let in again after this was let in on purpose.
    await Promise.all([flow, files]);
    if (!isRevoked(await fleet.twins.get(terminal))) throw letIn();
    return shut("identity disabled, both keys made anew, no connection");
  });
  return Promise.all([hub, files, flow]);
}

/** What `reinstate` writes as the reason of an identity that it has begun with. */
export const beingReinstated = "being reinstated";

/** Whether a terminal's identity is disabled, and nobody is about to let it in again; one that is gone counts too. */
function isRevoked(twin: DeviceTwin | undefined): boolean {
  return !twin || (twin.status === "disabled" && !twin.statusReason?.startsWith(beingReinstated));
}

function letIn(): OperatorError {
  return new OperatorError("failed", "somebody has let it in again meanwhile", {
    remedy: "`terminals audit show` tells who. Then run this again.",
  });
}

/** Waits until nobody is connected with a disabled identity. */
async function untilDropped(terminal: string, fleet: Fleet, waitMs: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + waitMs;
  for (let pollMs = dropPollMs; ; pollMs *= 1.5) {
    const twin = await fleet.twins.get(terminal);
    if (!isRevoked(twin)) throw letIn();
    if (!twin || twin.connectionState === "Disconnected") return;
    if (clock.now() >= deadline) {
      throw new OperatorError(
        "failed",
        `its identity is disabled and its keys are made anew, but its connection is still open after ${Math.round(waitMs / 1000)} s`,
        {
          code: "StillConnected",
          remedy: "The hub drops it, or it ends with its token. Run this again to see whether it is gone.",
        },
      );
    }
    await clock.sleep(Math.min(pollMs, longestPollMs, deadline - clock.now()));
  }
}

/**
 * Disables an identity and makes both keys anew, in one change: there is no moment at which it is half done. It
 * costs one registry operation, so that a whole customer is shut out at the pace of the hub's tier.
 * @returns False when there is no identity.
 */
async function shutIdentity(terminal: string, fleet: Fleet, reason: string): Promise<boolean> {
  const symmetricKey = mintDeviceKeys();
  let etag = (await fleet.twins.get(terminal))?.deviceEtag;
  const disable = async () => {
    if (etag === undefined) return false;
    const shut = await fleet.registry.update({
      deviceId: terminal,
      etag,
      status: "disabled",
      statusReason: reason,
      authentication: { type: "sas", symmetricKey },
    });
    if (shut) return true;
    // Somebody else changed the identity meanwhile, or an answer was lost after the change was made.
    const identity = await fleet.registry.get(terminal);
    const { primaryKey, secondaryKey } = identity?.authentication.symmetricKey ?? {};
    if (
      identity?.status === "disabled" &&
      primaryKey === symmetricKey.primaryKey &&
      secondaryKey === symmetricKey.secondaryKey
    ) {
      return true;
    }
    etag = identity?.etag;
    return conflict;
  };
  return updateOptimistically(`the device identity ${terminal}`, disable);
}

async function closeFiles(terminal: string, fleet: Fleet, clock: Clock): Promise<Shut> {
  if (!(await fleet.files.hasContainer(terminal))) return unknown("there is no container");
  const policy = await fleet.files.removePolicy(terminal);
  if (!policy) return shut("there is no stored access policy, which any file's key would need");
  const deadline = clock.now() + policyWaitMs;
  while (await fleet.files.acceptsLinks(terminal, policy)) {
    if (clock.now() > deadline) {
      throw new OperatorError(
        "failed",
        "the stored access policy is removed, but a file's key is still taken",
        { remedy: "Storage may take a minute to follow. Run this again." },
      );
    }
    await clock.sleep(policyPollMs);
  }
  return shut("stored access policy removed, a file's key is refused");
}

async function closeFlow(
  terminal: string,
  fleet: Fleet,
  { customer: given, customersOf = (id) => fleet.flowKeys.customersOf(id) }: RevokeOptions,
): Promise<Shut & { customers: string[] }> {
  const [tags, holders] = await Promise.all([fleet.registry.tags(terminal), customersOf(terminal)]);
  const named = [given, tags?.customer].filter((one) => one !== undefined);
  const customers: string[] = [];
  for (const customer of new Set([...holders, ...named])) {
    if (await closeRow(customer, terminal, fleet)) customers.push(customer);
  }
  if (customers.length > 1)
    return { ...shut(`Flow rows of ${customers.length} customers revoked`), customers };
  if (customers.length === 1) return { ...shut("Flow row revoked"), customers };
  if (!tags?.customer) return { ...unknown("there is no Flow row"), customers };
  // Onboarding that was cut short, or is under way, would add an open row.
  await fleet.flowKeys.bar(tags.customer, terminal, tags.site ?? "");
  const what = "there was no Flow row; one that refuses every key is there now";
  return { ...shut(what), customers: [tags.customer] };
}

async function closeRow(customer: string, terminal: string, fleet: Fleet): Promise<boolean> {
  const row = await fleet.flowKeys.revoke(customer, terminal);
  if (row && row.status !== "revoked") throw new OperatorError("failed", `its Flow row is ${row.status}`);
  return row !== undefined;
}
