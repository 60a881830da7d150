import { checkedReason } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import {
  countWaitingOffers,
  type Rotation,
  rotateBothKeys,
  rotateSigningKey,
} from "../../signing-keys/rotate-signing-key.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";

export interface RotateSigningKeyOptions extends StackOptions {
  emergency?: boolean;
  reason?: string;
  yes?: boolean;
  json?: boolean;
}

/**
 * `rotate-signing-key`: lets the files account's two keys take turns. With `--emergency` it makes both anew and says
 * what that cuts off.
 */
export async function rotateSigningKeyCommand(
  options: RotateSigningKeyOptions,
  signal: AbortSignal,
): Promise<void> {
  const reason = checkedReason(options.reason);
  const output = new Output(options);
  const { files, registry, outputs, audit } = await connectTo(options, signal);
  const { keys } = files;
  const tell = (rotation: Rotation, cutOff: Map<string, number>) => {
    const { renewed, signsFrom, nextPossible } = rotation;
    const terminals = [...cutOff].map(([terminal, waiting]) => ({ terminal, waiting }));
    const value = { account: keys.account, renewed, signsFrom, nextPossible, cutOff: terminals };
    const line = `${renewed} of ${keys.account} is new and signs from ${signsFrom.toISOString()} on. The next rotation is possible from ${nextPossible.toISOString()} on.`;
    output.result("rotation", value, line);
  };
  const recorded = (work: () => Promise<Rotation>) =>
    audit.record(
      {
        command: "rotate-signing-key",
        reason,
        details: { account: keys.account, emergency: options.emergency ?? false },
      },
      work,
      ({ renewed }) => ({ outcome: "done", details: { renewed } }),
    );
  if (!options.emergency) {
    tell(await recorded(() => rotateSigningKey(keys, Date.now())), new Map());
    return;
  }
  const cutOff = await countWaitingOffers(registry, Date.now());
  const offers = [...cutOff.values()].reduce((sum, count) => sum + count, 0);
  const what = `${offers} waiting ${offers === 1 ? "offer" : "offers"} of ${cutOff.size} ${cutOff.size === 1 ? "terminal" : "terminals"}`;
  if (!options.yes) {
    await confirm(
      `Make both keys of ${keys.account} (${outputs.environment}) anew? It ends ${what}, and every transfer under way.`,
    );
  }
  if (signal.aborted) throw new OperatorError("interrupted", "nothing was changed");
  tell(await recorded(() => rotateBothKeys(keys, Date.now())), cutOff);
  output.note(`Cut off: ${what}.`);
  for (const [terminal, count] of cutOff) output.note(`  ${terminal}  ${count}`);
  if (offers > 0) output.note("Send and ask for these again: `terminals send`, `terminals request`.");
}
