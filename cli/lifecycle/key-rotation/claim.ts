import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { reportOf } from "../../credentials/key-offer.ts";
import { newOfferId } from "../../file-exchange/offers/offer.ts";
import { countTwinBytes, maxDesiredBytes } from "../../file-exchange/offers/twin-size.ts";
import { OperatorError } from "../../lib/errors.ts";
import { Changed, type Rotating, type RotationContext } from "./context.ts";
import { keyTagsOf, type RenewedKey, type RotationRecord } from "./record.ts";

/** What a sealed hand-over takes of a twin at most. */
const offerBytes = 4096;

/**
 * Makes a terminal's rotation this run's own: begins one, or takes over what another run has begun. From then on a run
 * that had it before finds out at its next change, since every change is bound to the version that was read.
 * @param wanted The keys to renew when none is under way; empty to begin nothing.
 * @returns Undefined when there is nothing under way and nothing was begun; "gone" when the hub has no such terminal.
 * @throws Changed when somebody else was faster. OperatorError when the terminal cannot be rotated; nothing was
 *   changed then.
 */
export async function claim(
  terminal: string,
  wanted: RenewedKey[],
  context: RotationContext,
): Promise<Rotating | "gone" | undefined> {
  const { fleet, run, mine } = context;
  const twin = await fleet.twins.get(terminal);
  if (!twin) return "gone";
  if (twin.status === "disabled") {
    throw new OperatorError("failed", `it is revoked (${twin.statusReason ?? "no reason given"})`, {
      remedy: "A revoked terminal gets new keys by `terminals reinstate`.",
    });
  }
  const { customer, site } = (twin.tags ?? {}) as Record<string, unknown>;
  if (typeof customer !== "string" || typeof site !== "string") {
    throw new OperatorError("failed", "its tags customer and site are missing", {
      remedy: "Onboard it: only onboarded terminals have keys to rotate.",
    });
  }
  const { rotation } = keyTagsOf(twin.tags);
  if (!rotation && (wanted.length === 0 || mine.has(terminal))) return undefined;
  // Left as it is for the run that has all of the customer's terminals in view.
  if (rotation?.keys.includes("shared") && !context.shared) {
    throw new OperatorError("failed", "its customer's shared key is being renewed", {
      remedy: `\`terminals rotate --customer ${customer} --continue\` goes on with that. If it finds nothing to go on with, \`--keys shared\` begins anew.`,
    });
  }
  if (rotation && mine.has(terminal) && rotation.by !== run) {
    throw new OperatorError("failed", "another run works on its rotation now", {
      remedy: "Let that run end, then run this again.",
    });
  }
  const rotating = (record: RotationRecord, now: DeviceTwin): Rotating => ({
    terminal,
    customer,
    site,
    twin: now,
    record,
  });
  const patch = rotation
    ? takenOver(rotation, twin, context)
    : await begun(terminal, customer, twin, wanted, context);
  if (!patch) return rotating(rotation as RotationRecord, twin);
  if (patch.id) channelOf(twin, context);
  const changed = await fleet.twins.patch(terminal, { tags: { keys: { rotation: patch } } }, twin.etag);
  const record = changed && keyTagsOf(changed.tags).rotation;
  if (!record) throw new Changed();
  mine.add(terminal);
  return rotating(record, changed);
}

/** How new keys reach a terminal. @throws OperatorError when they cannot. */
export function channelOf(twin: DeviceTwin, context: RotationContext): { recipient: string } | "file" {
  const { recipient } = reportOf(twin.properties.reported);
  const pinned = keyTagsOf(twin.tags).recipient;
  if (context.filesOnly && context.file) return "file";
  if (recipient && pinned && pinned !== recipient && !context.newRecipient) {
    throw new OperatorError("failed", "it reports another recipient for its keys than it did before", {
      remedy:
        "If it was set up anew, say so: --new-recipient. If not, somebody else may be using its key: revoke it.",
    });
  }
  if (recipient) {
    if (countTwinBytes({ ...twin.properties.desired, keys: undefined }) + offerBytes <= maxDesiredBytes) {
      return { recipient };
    }
    throw new OperatorError("failed", "its twin is full: its desired properties hold 32 KB", {
      remedy: `Take offers back: \`terminals files ${twin.deviceId} --withdraw ID\`.`,
    });
  }
  if (context.file) return "file";
  throw new OperatorError("failed", "it has not told the hub how to seal keys for it", {
    remedy: "Let it connect, or seal a file for who installs it: --out FOLDER --recipient AGE_RECIPIENT.",
  });
}

/** Undefined when the record is this run's already. */
function takenOver(
  rotation: RotationRecord,
  twin: DeviceTwin,
  { run, again, clock, shared }: RotationContext,
): Partial<RotationRecord> | undefined {
  const { refused } = reportOf(twin.properties.reported);
  const isRefused = refused?.id === rotation.id;
  const isMine = rotation.by === run;
  const anew = !isMine && (again || (isRefused && !rotation.promotedAt));
  const withShared =
    shared && rotation.keys.includes("shared") && rotation.shared?.sha256 !== shared.sha256
      ? { shared: { sha256: shared.sha256, at: new Date(clock.now()).toISOString() } }
      : undefined;
  if (isMine && !withShared) return undefined;
  return { by: run, ...(anew ? { id: newOfferId(clock.now()), promotedAt: null } : {}), ...withShared };
}

async function begun(
  terminal: string,
  customer: string,
  twin: DeviceTwin,
  wanted: RenewedKey[],
  { fleet, clock, run, shared }: RotationContext,
): Promise<RotationRecord> {
  const row = await fleet.flowKeys.get(customer, terminal);
  if (row?.status !== "active") {
    throw new OperatorError("failed", row ? `its Flow row is ${row.status}` : "it has no Flow row", {
      remedy: row ? "`terminals reinstate` gives it new keys." : "Onboard it first.",
    });
  }
  const inUse = reportOf(twin.properties.reported).inUse?.flow;
  const now = new Date(clock.now()).toISOString();
  return {
    id: newOfferId(clock.now()),
    by: run,
    keys: wanted,
    startedAt: now,
    flowBefore: inUse && inUse === row.previousKeySha256 ? inUse : row.currentKeySha256,
    shared: shared && wanted.includes("shared") ? { sha256: shared.sha256, at: now } : null,
    // A patch merges: what an unreadable record may have left must go.
    handedOver: null,
    promotedAt: null,
  };
}
