import { join } from "node:path";
import { checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { type Sealing, type SealingOptions, sealingOf } from "../../arguments/sealing.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { onboardReplacement, readTagsToReplace, waitUntilConnected } from "../../lifecycle/replace.ts";
import { revoke } from "../../lifecycle/revoke.ts";
import { Inventory } from "../../onboarding/inventory.ts";
import { Journal } from "../../onboarding/journal.ts";
import { duration, Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";

export interface ReplaceOptions extends StackOptions, SealingOptions {
  /** Revoke the old one without waiting for the new one. */
  now?: boolean;
  /** Seconds to wait for the new one. */
  wait: number;
  reason?: string;
  yes?: boolean;
}

/** `replace OLD NEW`: onboards NEW at the place of OLD, and revokes OLD once NEW was seen at the hub. */
export async function replaceCommand(
  oldId: string,
  newId: string,
  options: ReplaceOptions,
  signal: AbortSignal,
): Promise<void> {
  const old = checkedTerminal(oldId, "OLD");
  const replacement = checkedTerminal(newId, "NEW");
  if (old === replacement) throw new OperatorError("usage", "the two terminals are the same");
  const reason = checkedReason(options.reason) ?? `replaced by ${replacement}`;
  const sealing = await sealingOf(options);
  const fleet = await connectTo(options, signal);
  const place = await readTagsToReplace(old, replacement, fleet);
  if (!options.yes) {
    const what = `${old} at ${place.site} (${place.customer}) by ${replacement}`;
    await confirm(`Replace ${what}, in ${fleet.outputs.environment}?`);
  }
  const output = new Output(options);
  const about = {
    command: "replace",
    customer: place.customer,
    terminals: [old, replacement],
    reason,
    details: { site: place.site, old, new: replacement },
  };
  await fleet.audit.record(about, async () => {
    const file = await onboardNew(old, replacement, place, sealing, fleet);
    output.result(
      "onboarded",
      { terminal: replacement, ...place, file },
      `${replacement} takes the place of ${old} at ${place.site}, with the hand-over ${file}`,
    );
    if (!options.now) await awaitNew(old, replacement, { fleet, wait: options.wait, signal, output });
    if (signal.aborted) throw interrupted(old);
    const doors = await revoke(old, fleet, { reason });
    const open = doors.filter(({ closed }) => !closed);
    if (open.length > 0) {
      const names = open.map(({ accessPath: door }) => door).join(" and ");
      throw new OperatorError(open[0]?.error?.outcome ?? "failed", `${old} still gets in by: ${names}`, {
        remedy: "Run this again: what is done stays done.",
      });
    }
    output.result("revoked", { terminal: old, reason }, `${old} is revoked: ${reason}`);
  });
}

/** @throws OperatorError when NEW was not seen in the time. */
async function awaitNew(
  old: string,
  replacement: string,
  { fleet, wait, signal, output }: { fleet: Fleet; wait: number; signal: AbortSignal; output: Output },
): Promise<void> {
  if (wait > 0) {
    output.note(
      `Waiting ${duration(wait)} at most until ${replacement} is seen at the hub; ${old} works until then.`,
    );
  }
  if (await waitUntilConnected(replacement, fleet, { waitMs: wait * 1000, signal })) return;
  if (signal.aborted) throw interrupted(old);
  throw new OperatorError("waiting", `${replacement} has not been seen at the hub; ${old} works on`, {
    remedy: `Run this again when ${replacement} is connected, or give --now to revoke ${old} without that.`,
  });
}

function interrupted(old: string): OperatorError {
  return new OperatorError("interrupted", `interrupted; ${old} works on`, {
    remedy: "Run this again: what is done stays done.",
  });
}

async function onboardNew(
  old: string,
  replacement: string,
  place: Awaited<ReturnType<typeof readTagsToReplace>>,
  { folder, seal }: Sealing,
  fleet: Fleet,
): Promise<string> {
  // Its memory beside the hand-overs makes it safe to do again: no second set of keys is ever made.
  const journal = await Journal.open(
    Journal.pathFor(join(folder.path, "replaced"), fleet.outputs.hubHostName),
  );
  try {
    const inventory = new Inventory(place.customer, fleet);
    await onboardReplacement(old, replacement, place, { fleet, journal, folder, inventory, seal });
  } finally {
    await journal.close();
  }
  return folder.file(replacement);
}
