import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { parseKeyReport } from "../../credentials/key-offer.ts";
import { newOfferId } from "../../file-exchange/offers/offer.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { quote } from "../../lib/quote.ts";
import { t } from "../../words/translate.ts";
import { chooseChannel } from "./channel.ts";
import { type ClaimedRotation, ConflictError, type RotationContext } from "./context.ts";
import { parseKeyTags, type RotatedKey, type RotationRecord } from "./record.ts";

/**
 * Claims a terminal's rotation for this run: starts a new one, or takes over the one in progress. Every later change is
 * bound to the twin's ETag, so that a run that had it before fails at its next change.
 * @param wanted The keys to rotate when no rotation is in progress. Empty: do not start one.
 * @returns Undefined when none is in progress and none was started; "gone" when there is no device identity.
 * @throws ConflictError when another client modified the twin. OperatorError when the terminal cannot be rotated; then
 *   nothing was changed.
 */
export async function claimRotation(
  terminal: string,
  wanted: RotatedKey[],
  context: RotationContext,
): Promise<ClaimedRotation | "gone" | undefined> {
  const { fleet, claimed } = context;
  const twin = await fleet.twins.get(terminal);
  if (!twin) return "gone";
  const { customer, site } = ownerOf(twin);
  const { rotation } = parseKeyTags(twin.tags);
  if (!rotation && (wanted.length === 0 || claimed.has(terminal))) return undefined;
  if (rotation) expectClaimable(terminal, customer, rotation, context);
  const patch = rotation
    ? takeOver(rotation, twin, context)
    : await newRecord(terminal, customer, twin, wanted, context);
  if (rotation && !patch) return { terminal, customer, site, twin, record: rotation };
  // Fails before the first change when new keys cannot reach the terminal.
  if (patch?.id) chooseChannel(twin, context);
  const patched = await fleet.twins.patch(terminal, { tags: { keys: { rotation: patch } } }, twin.etag);
  const record = patched && parseKeyTags(patched.tags).rotation;
  if (!record) throw new ConflictError();
  claimed.add(terminal);
  return { terminal, customer, site, twin: patched, record };
}

/** The tags customer and site. @throws OperatorError when the terminal is revoked or was never onboarded. */
function ownerOf(twin: DeviceTwin): { customer: string; site: string } {
  if (twin.status === "disabled") {
    throw new OperatorError("failed", t`it is revoked (${twin.statusReason ?? t`no reason given`})`, {
      remedy: t`\`npx terminals reinstate\` gives a revoked terminal new keys.`,
    });
  }
  const { customer, site } = (twin.tags ?? {}) as Record<string, unknown>;
  if (typeof customer === "string" && typeof site === "string") return { customer, site };
  throw new OperatorError("failed", t`its device twin has no tags customer and site`, {
    remedy: t`Onboard it: only onboarded terminals have keys to rotate.`,
  });
}

/** @throws OperatorError when this run must not take over the rotation. */
function expectClaimable(
  terminal: string,
  customer: string,
  rotation: RotationRecord,
  { nextKey, claimed, runId }: RotationContext,
): void {
  // A subscription key is rotated by a run that works on all terminals of the customer.
  if (rotation.keys.includes("shared") && !nextKey) {
    throw new OperatorError("failed", t`the subscription key of its customer is being rotated`, {
      remedy: t`\`npx terminals rotate --customer ${quote(customer, "ID")} --continue\` continues that rotation. If it finds none, start a new one with \`--keys shared\`.`,
    });
  }
  if (claimed.has(terminal) && rotation.by !== runId) {
    throw new OperatorError("failed", t`another run has taken over its rotation`, {
      remedy: t`Wait until that run has ended. Then run this again.`,
    });
  }
}

/** The change that claims a rotation in progress; undefined when this run has claimed it already. */
function takeOver(
  rotation: RotationRecord,
  twin: DeviceTwin,
  { runId, deliversAgain, clock, nextKey }: RotationContext,
): Partial<RotationRecord> | undefined {
  const { refused } = parseKeyReport(twin.properties.reported);
  const isRefused = refused?.id === rotation.id;
  const isClaimed = rotation.by === runId;
  const isRestarted = !isClaimed && (deliversAgain || (isRefused && !rotation.promotedAt));
  const hasOtherNextKey =
    nextKey && rotation.keys.includes("shared") && rotation.shared?.sha256 !== nextKey.sha256;
  if (isClaimed && !hasOtherNextKey) return undefined;
  return {
    by: runId,
    ...(isRestarted ? { id: newOfferId(clock.now()), promotedAt: null } : {}),
    ...(hasOtherNextKey
      ? { shared: { sha256: nextKey.sha256, at: new Date(clock.now()).toISOString() } }
      : {}),
  };
}

async function newRecord(
  terminal: string,
  customer: string,
  twin: DeviceTwin,
  wanted: RotatedKey[],
  { fleet, clock, runId, nextKey }: RotationContext,
): Promise<RotationRecord> {
  const row = await fleet.flowKeys.get(customer, terminal);
  if (row?.status !== "active") {
    throw new OperatorError(
      "failed",
      row ? t`its Flow key row is ${row.status}` : t`it has no Flow key row`,
      {
        remedy: row ? t`\`npx terminals reinstate\` gives it new keys.` : t`Onboard it first.`,
      },
    );
  }
  const inUse = parseKeyReport(twin.properties.reported).inUse?.flow;
  const now = new Date(clock.now()).toISOString();
  return {
    id: newOfferId(clock.now()),
    by: runId,
    keys: wanted,
    startedAt: now,
    flowBefore: inUse && inUse === row.previousKeySha256 ? inUse : row.currentKeySha256,
    shared: nextKey && wanted.includes("shared") ? { sha256: nextKey.sha256, at: now } : null,
    // A patch merges. Null removes the members of an unreadable record.
    handedOver: null,
    promotedAt: null,
  };
}
