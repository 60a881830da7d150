import type { Fleet } from "../azure/fleet.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/errors.ts";
import type { Terminal } from "../onboarding/batch-file/batch.ts";
import { type OnboardingContext, onboardChunk } from "../onboarding/onboard-chunk.ts";

const pollMs = 1_000;

/** The place of a terminal, as its tags have it. */
export interface Place {
  customer: string;
  site: string;
  name?: string;
}

/**
 * The place that OLD has, for NEW to take.
 * @throws OperatorError when OLD is not known, or somebody else than NEW replaces it.
 */
export async function placeOf(old: string, replacement: string, fleet: Fleet): Promise<Place> {
  const twin = await fleet.twins.get(old);
  if (!twin) throw new OperatorError("failed", `the hub has no terminal ${old}`);
  const { customer, site, name, replacedBy } = (twin.tags ?? {}) as Record<string, string | undefined>;
  if (!customer || !site) {
    throw new OperatorError("failed", `the tags customer and site of ${old} are missing`);
  }
  if (replacedBy && replacedBy !== replacement) {
    throw new OperatorError("failed", `${old} is replaced by ${replacedBy}`, {
      remedy: `To replace that one: \`terminals replace ${replacedBy} ${replacement}\`.`,
    });
  }
  return { customer, site, ...(name ? { name } : {}) };
}

/**
 * Gives NEW the place of OLD: it is onboarded for the same customer, site and name. Doing it again changes nothing.
 * @throws OperatorError when NEW cannot be onboarded.
 */
export async function moveIn(
  old: string,
  replacement: string,
  place: Place,
  onboarding: OnboardingContext,
): Promise<void> {
  const terminal: Terminal = { id: replacement, ...place };
  const [result] = await onboardChunk({ terminals: [terminal], imported: new Map() }, onboarding);
  if (result?.error) {
    const { outcome, message, code, remedy, cause } = result.error;
    throw new OperatorError(outcome, `${replacement}: ${message}`, { code, remedy, cause });
  }
  const { fleet } = onboarding;
  await tag(replacement, { replaces: old }, fleet);
  await tag(old, { replacedBy: replacement }, fleet);
}

/** Waits until a terminal has been seen at the hub. @returns Whether it was, in the time. */
export async function waitUntilSeen(
  terminal: string,
  fleet: Fleet,
  options: { waitMs: number; clock?: Clock; signal?: AbortSignal },
): Promise<boolean> {
  const clock = options.clock ?? systemClock;
  const deadline = clock.now() + options.waitMs;
  for (;;) {
    const twin = await fleet.twins.get(terminal);
    // Reported properties outlive the connection: only the terminal itself writes them.
    const { $metadata, $version, ...reported } = twin?.properties.reported ?? {};
    if (twin?.connectionState === "Connected" || Object.keys(reported).length > 0) return true;
    if (clock.now() >= deadline || options.signal?.aborted) return false;
    await clock.sleep(Math.min(pollMs, deadline - clock.now()), options.signal);
  }
}

async function tag(terminal: string, tags: Record<string, string>, fleet: Fleet): Promise<void> {
  await updateOptimistically(`the device twin ${terminal}`, async () => {
    const twin = await fleet.twins.get(terminal);
    if (!twin) throw new OperatorError("failed", `the hub has no terminal ${terminal} any more`);
    const isTagged = Object.entries(tags).every(([key, value]) => twin.tags?.[key] === value);
    if (isTagged) return;
    return (await fleet.twins.patch(terminal, { tags }, twin.etag)) ? undefined : conflict;
  });
}
