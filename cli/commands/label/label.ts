import { checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import {
  checkLabelKey,
  checkNote,
  formatLabels,
  type LabelChange,
  type Labels,
  parseLabel,
} from "../../lifecycle/labels.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { readLabels, setLabels } from "../../lifecycle/set-labels.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { LabelOptions } from "./definition.ts";

/** `label TERMINAL [KEY=VALUE…]`: writes labels and a note about a terminal, or shows them. */
export async function run(
  typedId: string,
  typedLabels: string[],
  options: LabelOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const terminal = checkTerminalId(typedId);
  const reason = checkReason(options.reason);
  const set = Object.fromEntries(typedLabels.map(parseLabel).map(({ key, value }) => [key, value]));
  const remove = (options.remove ?? []).map(checkLabelKey);
  const both = remove.find((key) => Object.hasOwn(set, key));
  if (both !== undefined) throw new OperatorError("usage", t`the label ${both} is both written and removed`);
  const change: LabelChange = { set, remove, note: checkNote(options.note) };
  const fleet = await connectToFleet(options, context);
  const isChange = Object.keys(set).length > 0 || remove.length > 0 || change.note !== undefined;
  if (!isChange) return report(terminal, await readLabels(terminal, fleet));
  const { customers } = await ownershipOf(terminal, fleet);
  const about = {
    command: "label",
    ...recordedCustomers(customers),
    terminals: [terminal],
    reason,
    details: {
      ...(Object.keys(set).length > 0 ? { labels: formatLabels({ labels: set }) } : {}),
      ...(remove.length > 0 ? { removed: remove.join(", ") } : {}),
      ...(change.note === undefined ? {} : { note: change.note === "" ? "removed" : "written" }),
    },
  };
  report(terminal, await fleet.audit.record(about, () => setLabels(terminal, change, fleet)));

  function report(id: string, labels: Labels): void {
    const line = formatLabels(labels) || t`no labels`;
    output.result("labels", { terminal: id, ...labels }, `${id}: ${line}`);
    if (labels.note !== undefined) output.note(t`Note: ${labels.note}`);
  }
}
