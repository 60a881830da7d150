import { checkReason } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import {
  countWaitingOffers,
  type Rotation,
  rotateBothKeys,
  rotateSigningKey,
} from "../../signing-keys/rotate-signing-key.ts";
import { count, formatTime } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { RotateSigningKeyOptions } from "./definition.ts";

/**
 * `rotate-signing-key`: regenerates the account key that no valid file link is signed with. With `--emergency` it
 * regenerates both keys, and lists the offers that this makes invalid.
 */
export async function run(options: RotateSigningKeyOptions, context: CommandContext): Promise<void> {
  const { output, prompt, signal } = context;
  const reason = checkReason(options.reason);
  const fleet = await connectToFleet(options, context);
  const { keys } = fleet.files;
  if (!options.emergency) {
    const rotation = await recordRotation(fleet, { reason, emergency: false }, () =>
      rotateSigningKey(keys, Date.now()),
    );
    reportRotation(keys.account, rotation, new Map(), output);
    return;
  }
  const invalidated = await countWaitingOffers(fleet.registry, Date.now());
  const offers = [...invalidated.values()].reduce((sum, number) => sum + number, 0);
  const what = t`${count(offers, "waiting offer")} of ${count(invalidated.size, "terminal")}`;
  if (!options.yes) {
    await prompt.confirm(
      t`Regenerate both account keys of ${keys.account} (${fleet.outputs.environment})? This invalidates ${what}, and every transfer in progress.`,
    );
  }
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted; nothing was changed`);
  const rotation = await recordRotation(fleet, { reason, emergency: true }, () =>
    rotateBothKeys(keys, Date.now()),
  );
  reportRotation(keys.account, rotation, invalidated, output);
  output.note(t`Invalidated: ${what}.`);
  for (const [terminal, number] of invalidated) output.note(`  ${terminal}  ${number}`);
  if (offers > 0) output.note(t`Repeat \`npx terminals send\` and \`npx terminals request\` for these.`);
}

function recordRotation(
  { audit, files }: Fleet,
  { reason, emergency }: { reason: string | undefined; emergency: boolean },
  work: () => Promise<Rotation>,
): Promise<Rotation> {
  const about = {
    command: "rotate-signing-key",
    reason,
    details: { account: files.keys.account, emergency },
  };
  return audit.record(about, work, ({ renewedKeys }) => ({
    outcome: "done",
    details: { renewed: renewedKeys.join(", ") },
  }));
}

function reportRotation(
  account: string,
  { renewed, renewedKeys, signsFrom, nextPossible }: Rotation,
  invalidated: Map<string, number>,
  output: Output,
): void {
  const cutOff = [...invalidated].map(([terminal, waiting]) => ({ terminal, waiting }));
  output.result(
    "rotation",
    { account, renewed, renewedKeys, signsFrom, nextPossible, cutOff },
    renewedKeys.length > 1
      ? t`${renewedKeys.join(", ")} of ${account} are regenerated, and ${renewed} signs file links from ${formatTime(signsFrom)}. The next rotation is possible from ${formatTime(nextPossible)}.`
      : t`${renewed} of ${account} is regenerated, and signs file links from ${formatTime(signsFrom)}. The next rotation is possible from ${formatTime(nextPossible)}.`,
  );
}
