import { join } from "node:path";
import { checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { createSealing, type Sealing } from "../../arguments/sealing.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { onboardReplacement, readTagsToReplace, waitUntilConnected } from "../../lifecycle/replace.ts";
import { revoke } from "../../lifecycle/revoke.ts";
import { Inventory } from "../../onboarding/inventory.ts";
import { Journal } from "../../onboarding/journal.ts";
import { formatDuration } from "../../terminal-ui/format.ts";
import { joinAnd, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { ReplaceOptions } from "./definition.ts";

const continueRemedy = () => t`Run the same command again: it continues.`;

/** `replace OLD NEW`: onboards NEW at the site of OLD, and revokes OLD once NEW has connected to the IoT Hub. */
export async function run(
  typedOld: string,
  typedNew: string,
  options: ReplaceOptions,
  context: CommandContext,
): Promise<void> {
  const { output, prompt, signal } = context;
  const oldId = checkTerminalId(typedOld, "OLD");
  const newId = checkTerminalId(typedNew, "NEW");
  if (oldId === newId) throw new OperatorError("usage", t`OLD and NEW are the same terminal, ${oldId}`);
  const reason = checkReason(options.reason) ?? `replaced by ${newId}`;
  const sealing = await createSealing(options, prompt);
  const fleet = await connectToFleet(options, context);
  const location = await readTagsToReplace(oldId, newId, fleet);
  const { customer, site } = location;
  if (!options.yes) {
    const { environment } = fleet.outputs;
    await prompt.confirm(t`Replace ${oldId} at ${site} (${customer}) by ${newId}, in ${environment}?`);
  }
  const about = {
    command: "replace",
    customer,
    terminals: [oldId, newId],
    reason,
    details: { site, old: oldId, new: newId },
  };
  await fleet.audit.record(about, async () => {
    const file = await onboardNew(oldId, newId, location, sealing, fleet);
    output.result(
      "onboarded",
      { terminal: newId, ...location, file },
      t`${newId} is onboarded at ${site} in place of ${oldId}; its credential bundle is ${file}`,
    );
    if (!options.now) await waitForNew(oldId, newId, options, { ...context, fleet });
    if (signal.aborted) throw interruptedBeforeRevoking(oldId);
    await revokeOld(oldId, reason, fleet);
    output.result("revoked", { terminal: oldId, reason }, t`${oldId} is revoked: ${reason}`);
  });
}

async function onboardNew(
  oldId: string,
  newId: string,
  location: Awaited<ReturnType<typeof readTagsToReplace>>,
  { folder, seal }: Sealing,
  fleet: Fleet,
): Promise<string> {
  // The journal in the folder of the credential bundles lets a second run reuse the keys of the first.
  const journal = await Journal.open(
    Journal.pathFor(join(folder.path, "replaced"), fleet.outputs.hubHostName),
  );
  try {
    const inventory = new Inventory(location.customer, fleet);
    await onboardReplacement(oldId, newId, location, { fleet, journal, folder, inventory, seal });
  } finally {
    await journal.close();
  }
  return folder.file(newId);
}

/** @throws OperatorError "waiting" when NEW did not connect in time. */
async function waitForNew(
  oldId: string,
  newId: string,
  { wait }: Pick<ReplaceOptions, "wait">,
  { fleet, signal, output }: CommandContext & { fleet: Fleet },
): Promise<void> {
  if (wait > 0) {
    output.note(
      t`Waiting for ${newId} to connect to the IoT Hub, at most ${formatDuration(wait)}. ${oldId} keeps working until then.`,
    );
  }
  const isConnected = await waitUntilConnected(newId, fleet, { waitMs: wait * 1000, signal }).catch(
    (error) => {
      // Ctrl-C also ends a call that waits for the hub's throttle.
      if (signal.aborted) throw interruptedBeforeRevoking(oldId);
      throw error;
    },
  );
  if (isConnected) return;
  if (signal.aborted) throw interruptedBeforeRevoking(oldId);
  throw new OperatorError("waiting", t`${newId} has not connected to the IoT Hub; ${oldId} still works`, {
    remedy: t`Run this again once ${newId} is connected, or add --now to revoke ${oldId} without waiting.`,
  });
}

function interruptedBeforeRevoking(oldId: string): OperatorError {
  return new OperatorError("interrupted", t`interrupted; ${oldId} still works`, { remedy: continueRemedy() });
}

async function revokeOld(oldId: string, reason: string, fleet: Fleet): Promise<void> {
  const open = (await revoke(oldId, fleet, { reason })).filter(({ closed }) => !closed);
  if (open.length === 0) return;
  const names = joinAnd(open.map(({ accessPath, what }) => t`${accessPath} (${what})`));
  throw new OperatorError(
    open[0]?.error?.outcome ?? "failed",
    t`${oldId} still has access through: ${names}`,
    { remedy: continueRemedy() },
  );
}
