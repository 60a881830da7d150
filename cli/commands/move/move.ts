import {
  checkCustomerId,
  checkReason,
  checkSite,
  checkTerminalId,
  checkTerminalName,
} from "../../arguments/identifiers.ts";
import { createSealing } from "../../arguments/sealing.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { moveTerminal } from "../../lifecycle/move.ts";
import { describeTerminal, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { MoveOptions } from "./definition.ts";

const hourMs = 3_600_000;

/** `move TERMINAL --site NAME`: changes where a terminal is, in all services and in its credential bundle. */
export async function run(typedId: string, options: MoveOptions, context: CommandContext): Promise<void> {
  const { output, prompt, signal } = context;
  const terminal = checkTerminalId(typedId);
  const site = checkSite(options.site);
  const name = checkTerminalName(options.name);
  const named = checkCustomerId(options.customer);
  const reason = checkReason(options.reason);
  const bundles = options.out ? await createSealing(options, prompt) : undefined;
  const fleet = await connectToFleet(options, context);
  const ownership = await ownershipOf(terminal, fleet);
  const customer = named ?? ownership.customer ?? "";
  if (!options.yes) {
    const what = describeTerminal(terminal, ownership);
    const { environment } = fleet.outputs;
    const isNew = ownership.customer !== undefined && ownership.customer !== customer;
    await prompt.confirm(
      isNew
        ? t`Move ${what} in ${environment} to ${site} of ${customer}? It stops working until its new credential bundle is installed.`
        : t`Move ${what} in ${environment} to ${site}?`,
    );
  }
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted; nothing was changed`);
  const about = {
    command: "move",
    ...recordedCustomers([...ownership.customers, ...(named ? [named] : [])]),
    terminals: [terminal],
    reason,
    details: { site, ...(name === undefined ? {} : { name }), ...(named === undefined ? {} : { to: named }) },
  };
  const { outcome, from, delivery } = await fleet.audit.record(about, () =>
    moveTerminal(
      terminal,
      { customer, site, name },
      { fleet, bundles, graceMs: options.grace * hourMs, waitMs: options.wait * 1000, signal },
    ),
  );
  const file = delivery === "file" ? bundles?.folder.file(terminal) : undefined;
  const value = { terminal, customer, site, outcome, from, ...(delivery ? { delivery } : {}) };
  const lines = {
    unchanged: t`${terminal} is at ${site} of ${customer} already; nothing was changed`,
    moved: t`${terminal} is moved to ${site} of ${customer}`,
  };
  output.result("moved", file ? { ...value, file } : value, lines[outcome]);
  if (file) output.note(t`Bring the credential bundle ${file} to the terminal.`);
  if (outcome === "moved" && from.customer === customer) {
    output.note(t`Its old keys stay valid until \`npx terminals rotate --continue\` ends the rotation.`);
  }
}
