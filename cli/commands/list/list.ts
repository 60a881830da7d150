import { checkCustomerId, checkSite } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { readFleetStatus } from "../../fleet-status/fleet-status.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { parseLabelFilter } from "../../lifecycle/labels.ts";
import { findUnknownPlace } from "../../lifecycle/unknown-names.ts";
import { count } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { ListOptions } from "./definition.ts";
import { createListWriter } from "./writers.ts";

/** `list`: writes terminals as a table, as JSON lines, or as CSV. */
export async function run(options: ListOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  const customer = checkCustomerId(options.customer);
  const site = checkSite(options.site);
  if (output.json && options.output === "csv") {
    throw new OperatorError("usage", t`--json excludes --output csv`);
  }
  const fleet = await connectToFleet(options, context);
  const now = Date.now();
  const labels = options.label?.map(parseLabelFilter);
  const states = options.state && new Set(options.state);
  const writer = createListWriter(options, output, now);
  let terminals = 0;
  for await (const status of readFleetStatus(fleet, { customer, site, states, labels, now })) {
    if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    terminals++;
    writer.add(status);
  }
  writer.end();
  if (terminals === 0) {
    const unknown = await findUnknownPlace(fleet, { customer, site });
    if (unknown) throw unknown;
  }
  output.note(terminals === 0 ? t`No terminal matches.` : count(terminals, "terminal"));
}
