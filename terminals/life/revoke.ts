import { type Clock, systemClock } from "../clock.ts";
import { explain, explained, OperatorError } from "../errors.ts";
import type { Fleet } from "../fleet.ts";
import { mintDeviceKeys } from "../onboarding/identities.ts";

/** The three places that a terminal gets in by. */
export type DoorName = "hub" | "files" | "flow";

/** What became of one door. */
export interface Door {
  door: DoorName;
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
  clock?: Clock;
  onDoor?: (door: Door) => void;
}

type Shut = Pick<Door, "what" | "known">;

const shut = (what: string): Shut => ({ what, known: true });
const unknown = (what: string): Shut => ({ what, known: false });

/**
 * Closes the three doors to a terminal, at the same time, and looks whether each is closed: its identity is disabled
 * with the reason and both keys are made anew, its Flow row is revoked, its stored access policy is removed. Each
 * door is tried whatever becomes of the others. Doing it again is safe.
 */
export async function revoke(terminal: string, fleet: Fleet, options: RevokeOptions): Promise<Door[]> {
  const clock = options.clock ?? systemClock;
  const close = async (door: DoorName, work: () => Promise<Shut>): Promise<Door> => {
    const start = clock.now();
    let result: Omit<Door, "door" | "ms">;
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
  return Promise.all([
    close("hub", () => closeHub(terminal, fleet, options, clock)),
    close("files", () => closeFiles(terminal, fleet, clock)),
    close("flow", () => closeFlow(terminal, fleet, options.customer)),
  ]);
}

async function closeHub(
  terminal: string,
  fleet: Fleet,
  { reason, waitMs = dropWaitMs }: RevokeOptions,
  clock: Clock,
): Promise<Shut> {
  if (!(await shutIdentity(terminal, fleet, reason))) return unknown("the hub has no such identity");
  const deadline = clock.now() + waitMs;
  // What counts is what a look shows: the identity disabled, and nobody connected.
  for (let pollMs = dropPollMs; ; pollMs *= 1.5) {
    const twin = await fleet.twins.get(terminal);
    if (!twin) return shut("the hub has no such identity any more");
    if (twin.status !== "disabled") {
      throw new OperatorError("failed", "somebody has enabled its identity again", {
        remedy: "Find out who, and run this again.",
      });
    }
    if (twin.connectionState === "Disconnected") {
      return shut("identity disabled, both keys made anew, no connection");
    }
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
  for (let attempt = 1; attempt <= 5; attempt++) {
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
  }
  throw new OperatorError("failed", "its identity is changed by others all the time", {
    remedy: "Run this again.",
  });
}

async function closeFiles(terminal: string, fleet: Fleet, clock: Clock): Promise<Shut> {
  const container = await fleet.files.container(terminal);
  if (!(await explained(container.exists(), `looking for the container ${terminal}`))) {
    return unknown("there is no container");
  }
  await fleet.files.removePolicy(terminal);
  const deadline = clock.now() + policyWaitMs;
  while (await fleet.files.takesKeys(terminal)) {
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

async function closeFlow(terminal: string, fleet: Fleet, given: string | undefined): Promise<Shut> {
  const tagged = given ?? (await fleet.registry.tags(terminal))?.customer;
  if (tagged && (await closeRow(tagged, terminal, fleet))) return shut("Flow row revoked");
  // Before saying that there is no row, look for one under every customer.
  const customers = await fleet.flowKeys.customersOf(terminal);
  for (const customer of customers) await closeRow(customer, terminal, fleet);
  return customers.length > 0 ? shut("Flow row revoked") : unknown("there is no Flow row");
}

async function closeRow(customer: string, terminal: string, fleet: Fleet): Promise<boolean> {
  const row = await fleet.flowKeys.revoke(customer, terminal);
  if (row && row.status !== "revoked") throw new OperatorError("failed", `its Flow row is ${row.status}`);
  return row !== undefined;
}
