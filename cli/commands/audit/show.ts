import { checkCustomerId, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToAuditLog } from "../../arguments/stack-connection.ts";
import { ChangeCollector, type ChangeSummary } from "../../audit-log/change-collector.ts";
import type { Actor, ChangeResult } from "../../audit-log/record.ts";
import { findUnknownName } from "../../audit-log/unknown-names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, formatPreciseTime, formatTime, listNames } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { AuditShowOptions } from "./show-definition.ts";

/** `audit show`: one line per change; with `--json` the records themselves. */
export async function run(options: AuditShowOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  const filter = {
    customer: checkCustomerId(options.customer),
    terminal: options.terminal === undefined ? undefined : checkTerminalId(options.terminal, "--terminal"),
    since: options.since === undefined ? undefined : parseDay(options.since),
  };
  const { reader } = await connectToAuditLog(options, context);
  const changes = new ChangeCollector(filter);
  let shown = 0;
  for await (const record of reader.records(filter.since)) {
    if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    const { records, ended } = changes.add(record);
    if (output.json) for (const each of records) output.result("record", each, "");
    if (!ended) continue;
    shown++;
    if (!output.json) output.result("change", {}, formatChange(ended));
  }
  const unfinished = changes.unfinished();
  if (!output.json) for (const change of unfinished) output.result("change", {}, formatChange(change));
  if (shown + unfinished.length === 0) {
    const unknown = await findUnknownName(reader, filter);
    if (unknown) throw unknown;
    output.note(t`No recorded change matches.`);
  }
  if (unfinished.length > 0) {
    output.note(
      t`"no outcome": the change is in progress or was interrupted, or its outcome is still on the computer that ran it. The next changing command there adds it.`,
    );
  }
}

/** @throws OperatorError when the text is neither a day nor a time. */
function parseDay(text: string): Date {
  const time = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time);
  throw new OperatorError(
    "usage",
    t`--since ${JSON.stringify(text)} must be a day such as 2025-11-01, or a time in ISO 8601`,
  );
}

/** A change on one line; its error and its terminals without outcome on indented lines below. */
export function formatChange(change: ChangeSummary): string[] {
  const { about, began, ended, result, done, failed, open } = change;
  const at = began ?? ended;
  const details = formatDetails(change);
  const counts = failed > 0 ? t`${done} done, ${failed} failed` : t`${done} done`;
  const columns = [
    (at === undefined ? "" : formatPreciseTime(at)).padEnd(27),
    about.command.padEnd(9),
    formatCustomers(change).padEnd(20),
    formatTerminals(change).padEnd(24),
    formatOutcome(result).padEnd(11),
    formatAccount(change.who),
    ...(details ? [details] : []),
    ...(done + failed > 0 ? [`(${counts})`] : []),
    ...(about.reason ? [`"${about.reason}"`] : []),
  ];
  return [
    columns.join("  "),
    ...(result?.message ? [`    ${result.message}`] : []),
    ...(open.length > 0 ? [`    ${t`no outcome for: ${listNames(open, 10)}`}`] : []),
  ];
}

function formatOutcome(result: ChangeResult | undefined): string {
  const outcomes: Record<ChangeResult["outcome"], () => string> = {
    done: () => t`done`,
    failed: () => t`failed`,
    interrupted: () => t`interrupted`,
    waiting: () => t`waiting`,
  };
  return result ? outcomes[result.outcome]() : t`no outcome`;
}

function formatCustomers({ about: { customer, customers } }: ChangeSummary): string {
  return customers ? listNames(customers, 3) : (customer ?? "-");
}

function formatTerminals({ about: { terminals, count: number } }: ChangeSummary): string {
  if (terminals?.length) return listNames(terminals, 2);
  return number === undefined ? "-" : count(number, "terminal");
}

/** Details that a line shows, in this order, with their words; `--json` has all of them. */
const shownDetails: Record<string, (value: string) => string> = {
  file: (value) => t`file ${value}`,
  site: (value) => t`site ${value}`,
  keys: (value) => t`keys ${value}`,
  renewed: (value) => t`renewed ${value}`,
  state: (value) => describeState(value),
  after: (value) => t`deletion possible from ${formatTime(value)}`,
};

/** What `retire` did to a terminal. */
function describeState(state: string): string {
  if (state === "marked") return t`marked for deletion`;
  if (state === "deleted") return t`deleted`;
  return state;
}

function formatDetails({ about, result }: ChangeSummary): string {
  const details = { ...about.details, ...result?.details };
  return Object.entries(shownDetails)
    .flatMap(([key, describe]) => (details[key] === undefined ? [] : [describe(String(details[key]))]))
    .join(", ");
}

function formatAccount({ name, appId, objectId }: Actor): string {
  return name ?? (appId ? t`application ${appId}` : objectId);
}
