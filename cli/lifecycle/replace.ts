import type { Fleet } from "../azure/fleet.ts";
import { noSuchTerminal } from "../azure/iot-hub/nearest-terminals.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { normalizeName } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import type { Terminal } from "../onboarding/batch-file/rows.ts";
import { type OnboardingContext, onboardChunk } from "../onboarding/onboard-chunk.ts";
import { t } from "../words/translate.ts";

const pollMs = 1_000;

/** The tags that a replacement takes over from the old terminal. */
export interface TerminalTags {
  customer: string;
  site: string;
  name?: string;
}

/**
 * Reads the tags of the old terminal.
 * @throws OperatorError when it has none, or another terminal than `replacement` replaces it.
 */
export async function readTagsToReplace(
  old: string,
  replacement: string,
  { twins, registry }: Pick<Fleet, "twins" | "registry">,
): Promise<TerminalTags> {
  const twin = await twins.get(old);
  if (!twin) throw await noSuchTerminal(registry, old, t`the IoT Hub has no terminal ${old}`);
  const { customer, site, name, replacedBy } = (twin.tags ?? {}) as Record<string, string | undefined>;
  if (!customer || !site) {
    throw new OperatorError("failed", t`the device twin ${old} has no tags customer and site`);
  }
  if (replacedBy && replacedBy !== replacement) {
    throw new OperatorError("failed", t`${old} is replaced by ${replacedBy}`, {
      remedy: t`To replace that terminal: \`npx terminals replace ${quote(replacedBy, "TERMINAL")} ${replacement}\`.`,
    });
  }
  // A new record has the name as a batch file would give it. The records of the old terminal stay as they are.
  return { customer, site: normalizeName(site), name: name && normalizeName(name) };
}

/**
 * Onboards the replacement for the customer, site and name of the old terminal, and tags both with each other's ID.
 * Running it again changes nothing.
 * @throws OperatorError when the replacement cannot be onboarded.
 */
export async function onboardReplacement(
  old: string,
  replacement: string,
  tags: TerminalTags,
  onboarding: OnboardingContext,
): Promise<void> {
  const terminal: Terminal = { id: replacement, ...tags };
  const [result] = await onboardChunk({ terminals: [terminal], imported: new Map() }, onboarding);
  if (result?.error) throw result.error.about(`${replacement}: `);
  const { fleet } = onboarding;
  await setTags(replacement, { replaces: old }, fleet);
  await setTags(old, { replacedBy: replacement }, fleet);
}

/** Waits until a terminal has connected to the IoT Hub. @returns Whether it connected in the time. */
export async function waitUntilConnected(
  terminal: string,
  { twins }: Pick<Fleet, "twins">,
  options: { waitMs: number; clock?: Clock; signal?: AbortSignal },
): Promise<boolean> {
  const clock = options.clock ?? systemClock;
  const deadline = clock.now() + options.waitMs;
  for (;;) {
    const twin = await twins.get(terminal);
    // Only the terminal writes reported properties, and they stay after it disconnects.
    const { $metadata, $version, ...reported } = twin?.properties.reported ?? {};
    if (twin?.connectionState === "Connected" || Object.keys(reported).length > 0) return true;
    if (clock.now() >= deadline || options.signal?.aborted) return false;
    await clock.sleep(Math.min(pollMs, deadline - clock.now()), options.signal);
  }
}

async function setTags(
  terminal: string,
  tags: Record<string, string>,
  { twins }: Pick<Fleet, "twins">,
): Promise<void> {
  await updateOptimistically(t`the device twin ${terminal}`, async () => {
    const twin = await twins.get(terminal);
    if (!twin) throw new OperatorError("failed", t`the device identity ${terminal} was deleted`);
    const isTagged = Object.entries(tags).every(([key, value]) => twin.tags?.[key] === value);
    if (isTagged) return;
    return (await twins.patch(terminal, { tags }, twin.etag)) ? undefined : conflict;
  });
}
