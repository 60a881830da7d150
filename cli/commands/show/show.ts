import { checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { ChangeSummary } from "../../audit-log/change-collector.ts";
import { readLatestChanges } from "../../audit-log/latest-changes.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { noSuchTerminal } from "../../azure/iot-hub/nearest-terminals.ts";
import { readSharedKeys } from "../../fleet-status/shared-keys.ts";
import { readTerminalDetails } from "../../fleet-status/terminal-details.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { ShowOptions } from "./definition.ts";
import { detailLines, detailsValue } from "./report.ts";

/** Number of changes of the audit log that are shown. */
const shownChanges = 5;

/** `show TERMINAL`: everything that the services and the audit log know of one terminal. */
export async function run(typedId: string, options: ShowOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  const terminal = checkTerminalId(typedId);
  const fleet = await connectToFleet(options, context);
  const now = Date.now();
  const sharedKeys = await readSharedKeys(fleet.hubLogs, (message) => output.warning(message));
  const details = await readTerminalDetails(fleet, terminal, { sharedKeys, now });
  if (!details) throw await noSuchTerminal(fleet.registry, terminal);
  const { changes, error } = await readChanges(fleet, terminal, { now, signal }, output);
  output.result("terminal", detailsValue(details, changes), detailLines(details, changes, now));
  if (error) throw error;
}

/**
 * The last changes of a terminal. For an operator who may not read the audit log, that is a warning.
 * @returns The changes, or why the log could not be read: the terminal is shown before that error.
 */
async function readChanges(
  { audit }: Fleet,
  terminal: string,
  options: { now: number; signal: AbortSignal },
  output: Output,
): Promise<{ changes?: ChangeSummary[]; error?: OperatorError }> {
  try {
    return { changes: await readLatestChanges(audit.reader, terminal, { most: shownChanges, ...options }) };
  } catch (thrown) {
    if (!(thrown instanceof OperatorError) || thrown.outcome === "interrupted") throw thrown;
    const error = thrown.about(t`the changes of ${terminal}: `);
    if (error.outcome !== "notAllowed") return { error };
    output.warning(t`The changes of ${terminal} could not be read: ${thrown.message}`);
    output.remedy(error);
    return {};
  }
}
