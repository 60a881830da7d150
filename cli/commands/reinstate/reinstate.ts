import { checkedCustomer, checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { type SealingOptions, sealingOf } from "../../arguments/sealing.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, expectOwner, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { reinstate } from "../../lifecycle/reinstate.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";

export interface ReinstateOptions extends StackOptions, SealingOptions {
  /** Whose it was, for a terminal that the hub does not know any more. */
  customer?: string;
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
  const owner = checkedCustomer(options.customer);
  const output = new Output(options);
  const sealing = await sealingOf(options);
  const fleet = await connectTo(options, signal);
  const belonging = await ownershipOf(terminal, fleet);
  expectOwner(terminal, belonging, owner);
  if (!options.yes) {
    await confirm(
      `Let ${describeTerminal(terminal, belonging)} in again, in ${fleet.outputs.environment}, with fresh keys?`,
    );
  }
  if (signal.aborted) throw new OperatorError("interrupted", "nothing was changed");
  const customers = owner ? [owner] : belonging.customers;
  const about = {
    command: "reinstate",
    ...recordedCustomers(customers),
    terminals: [terminal],
    ...(reason ? { reason } : {}),
  };
  const { customer, site, outcome, deletedFiles } = await fleet.audit.record(about, () =>
    reinstate(terminal, fleet, { ...sealing, customer: owner }),
  );
  const file = sealing.folder.file(terminal);
  const isNew = outcome === "reinstated";
  const value = { terminal, customer, site, outcome, ...(isNew ? { file, deletedFiles } : {}) };
  const line = {
    reinstated: `${terminal} (${customer}, ${site}) is let in with the hand-over ${file}`,
    repaired: `${terminal} is not revoked; its stored access policy was missing and is made anew`,
    unchanged: `${terminal} is not revoked; nothing was changed`,
  }[outcome];
  output.result("reinstated", value, line);
  if (deletedFiles > 0) {
    output.note(`Files that were offered to it before are deleted (${deletedFiles}): send them again.`);
  }
}
