import { OperatorError } from "../errors.ts";
import { reinstate } from "../life/reinstate.ts";
import { confirm } from "./ask.ts";
import { checkedReason, checkedTerminal } from "./checks.ts";
import { Output } from "./output.ts";
import { type SealingOptions, sealingOf } from "./sealing.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface ReinstateOptions extends StackOptions, SealingOptions {
  reason?: string;
  yes?: boolean;
}

/** `reinstate TERMINAL`: lets a revoked terminal in again, with fresh keys in a new sealed hand-over. */
export async function reinstateCommand(
  given: string,
  options: ReinstateOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = checkedTerminal(given);
  const reason = checkedReason(options.reason);
  const output = new Output(options);
  const sealing = await sealingOf(options);
  const fleet = await connectTo(options, signal);
  if (!options.yes) {
    await confirm(`Let ${terminal} in again, in ${fleet.outputs.environment}, with fresh keys?`, "refuse");
  }
  if (signal.aborted) throw new OperatorError("interrupted", "nothing was changed");
  const about = { command: "reinstate", terminals: [terminal], ...(reason ? { reason } : {}) };
  const done = await fleet.audit.record(about, () => reinstate(terminal, fleet, sealing));
  const { customer, site, wasRevoked, deletedFiles } = done;
  const file = sealing.folder.file(terminal);
  const value = {
    terminal,
    customer,
    site,
    reinstated: wasRevoked,
    ...(wasRevoked ? { file, deletedFiles } : {}),
  };
  if (!wasRevoked) {
    output.result("reinstated", value, `${terminal} is not revoked; nothing was changed`);
    return;
  }
  output.result(
    "reinstated",
    value,
    `${terminal} (${customer}, ${site}) is let in with the hand-over ${file}`,
  );
  if (deletedFiles > 0) {
    output.note(`Files that were offered to it before are deleted (${deletedFiles}): send them again.`);
  }
}
