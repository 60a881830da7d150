import { type Clock, systemClock } from "./clock.ts";
import { explain, OperatorError } from "./errors.ts";
import type { Fleet } from "./fleet.ts";
import type { DeviceIdentity } from "./hub/registry.ts";
import { mintDeviceKeys } from "./onboarding/identities.ts";

/** The three places that a terminal gets in by. */
export type DoorName = "hub" | "files" | "flow";

/** What became of one door. */
export interface Door {
  door: DoorName;
  /** True only when a look at the service afterwards showed it closed. */
  closed: boolean;
  /** What was done and seen, in a few words. */
  what: string;
  /** How long it took, in milliseconds. */
  ms: number;
  error?: OperatorError;
}

/** The hub keeps 128 characters of a reason. */
export const longestReason = 128;

/** How long the hub may take to drop a live connection; Azure promises nothing. */
const dropWaitMs = 5 * 60_000;
const dropPollMs = 250;
/** Each look takes of the registry's throttle: they become rarer. */
const longestPollMs = 5_000;
/** Storage may take 30 seconds to follow a change of a stored access policy. */
const policyWaitMs = 60_000;
const policyPollMs = 500;

/**
 * Closes the three doors to a terminal, at the same time, and looks whether each is closed: its identity is disabled
 * with the reason and both keys are made anew, its Flow row is revoked, its stored access policy is removed. Each
 * door is tried whatever becomes of the others. Doing it again is safe.
 * @param options.customer The customer's id, for a terminal that the hub does not know any more.
 */
export async function revoke(
  terminal: string,
  fleet: Fleet,
  options: { reason: string; customer?: string; clock?: Clock; onDoor?: (door: Door) => void },
): Promise<Door[]> {
  const clock = options.clock ?? systemClock;
  const close = async (door: DoorName, work: () => Promise<string>): Promise<Door> => {
    const start = clock.now();
    let result: Pick<Door, "closed" | "what" | "error">;
    try {
      result = { closed: true, what: await work() };
    } catch (thrown) {
      const error = explain(thrown, `closing the ${door} door`);
      if (!(error instanceof OperatorError)) throw error;
      result = { closed: false, what: error.message, error };
    }
    const told = { door, ...result, ms: clock.now() - start };
    options.onDoor?.(told);
    return told;
  };
  return Promise.all([
    close("hub", () => closeHub(terminal, fleet, options.reason, clock)),
    close("files", () => closeFiles(terminal, fleet, clock)),
    close("flow", () => closeFlow(terminal, fleet, options.customer)),
  ]);
}

async function closeHub(terminal: string, fleet: Fleet, reason: string, clock: Clock): Promise<string> {
  const keys = mintDeviceKeys();
  const wanted = (identity: DeviceIdentity) =>
    identity.status === "disabled" &&
    identity.authentication.symmetricKey.primaryKey === keys.primaryKey &&
    identity.authentication.symmetricKey.secondaryKey === keys.secondaryKey;
  let identity = await fleet.registry.get(terminal);
  if (!identity) return "the hub has no such identity";
  // Somebody else may change the identity meanwhile, or an answer may be lost after the change was made.
  for (let attempt = 1; !wanted(identity); attempt++) {
    if (attempt > 5) throw new OperatorError("failed", "its identity is changed by others all the time");
    await fleet.registry.update({
      ...identity,
      status: "disabled",
      statusReason: reason,
      authentication: { type: "sas", symmetricKey: keys },
    });
    identity = await fleet.registry.get(terminal);
    if (!identity) return "the hub has no such identity any more";
  }
  const deadline = clock.now() + dropWaitMs;
  for (let pollMs = dropPollMs; identity.connectionState === "Connected"; pollMs *= 1.5) {
    if (clock.now() > deadline) {
      throw new OperatorError("failed", "its identity is disabled, but its connection is still open", {
        remedy: "Run this again to see whether it is gone.",
      });
    }
    await clock.sleep(Math.min(pollMs, longestPollMs));
    identity = await fleet.registry.get(terminal);
    if (!identity) return "the hub has no such identity any more";
  }
  return "identity disabled, both keys made anew, no connection";
}

async function closeFiles(terminal: string, fleet: Fleet, clock: Clock): Promise<string> {
  await fleet.files.removePolicy(terminal);
  const deadline = clock.now() + policyWaitMs;
  while (await fleet.files.takesKeys(terminal)) {
    if (clock.now() > deadline) {
      throw new OperatorError(
        "failed",
        "the stored access policy is removed, but a file's key is still taken",
        {
          remedy: "Storage may take a minute to follow. Run this again.",
        },
      );
    }
    await clock.sleep(policyPollMs);
  }
  return "stored access policy removed, a file's key is refused";
}

async function closeFlow(terminal: string, fleet: Fleet, given: string | undefined): Promise<string> {
  const tagged = given ?? (await fleet.registry.tags(terminal))?.customer;
  if (tagged && (await closeRow(tagged, terminal, fleet))) return "Flow row revoked";
  // Before saying that there is no row, look for one under every customer.
  const customers = await fleet.flowKeys.customersOf(terminal);
  for (const customer of customers) await closeRow(customer, terminal, fleet);
  return customers.length > 0 ? "Flow row revoked" : "there is no Flow row";
}

async function closeRow(customer: string, terminal: string, fleet: Fleet): Promise<boolean> {
  const row = await fleet.flowKeys.revoke(customer, terminal);
  if (row && row.status !== "revoked") throw new OperatorError("failed", `its Flow row is ${row.status}`);
  return row !== undefined;
}
