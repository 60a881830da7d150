import { checkCustomerId, checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { createSealing } from "../../arguments/sealing.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, expectOwner, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { reinstate } from "../../lifecycle/reinstate.ts";
import { count } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { ReinstateOptions } from "./definition.ts";

/** `reinstate TERMINAL`: opens the access paths of a revoked terminal, with new keys in a new credential bundle. */
export async function run(
  typedId: string,
  options: ReinstateOptions,
  context: CommandContext,
): Promise<void> {
  const { output, prompt, signal } = context;
  const terminal = checkTerminalId(typedId);
  const reason = checkReason(options.reason);
  const namedCustomer = checkCustomerId(options.customer);
  const sealing = await createSealing(options, prompt);
  const fleet = await connectToFleet(options, context);
  const ownership = await ownershipOf(terminal, fleet);
  expectOwner(terminal, ownership, namedCustomer);
  if (!options.yes) {
    const what = describeTerminal(terminal, ownership);
    await prompt.confirm(t`Reinstate ${what} in ${fleet.outputs.environment}, with new keys?`);
  }
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted; nothing was changed`);
  const about = {
    command: "reinstate",
    ...recordedCustomers(namedCustomer ? [namedCustomer] : ownership.customers),
    terminals: [terminal],
    reason,
  };
  const { customer, site, outcome, deletedFiles } = await fleet.audit.record(about, () =>
    reinstate(terminal, fleet, { ...sealing, customer: namedCustomer }),
  );
  const file = sealing.folder.file(terminal);
  const isReinstated = outcome === "reinstated";
  const value = { terminal, customer, site, outcome, ...(isReinstated ? { file, deletedFiles } : {}) };
  const line = {
    reinstated: t`${terminal} (${customer}, ${site}) is reinstated; its credential bundle is ${file}`,
    repaired: t`${terminal} is not revoked; its stored access policy was missing and was created again`,
    unchanged: t`${terminal} is not revoked; nothing was changed`,
  }[outcome];
  output.result("reinstated", value, line);
  if (deletedFiles > 0) {
    output.note(
      t`${count(deletedFiles, "file")} offered to it before the revocation deleted: send them again.`,
    );
  }
}
