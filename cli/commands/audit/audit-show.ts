import { checkedCustomer, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectToAudit, type StackOptions } from "../../arguments/stack.ts";
import { ChangeCollector, type ChangeSummary } from "../../audit-log/log-reader.ts";
import type { Actor } from "../../audit-log/record.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { Output } from "../../terminal-ui/output.ts";

export interface AuditShowOptions extends StackOptions {
  customer?: string;
  terminal?: string;
  since?: string;
}

/** `audit show`: who changed what, when, why and how it ended; with `--json` the records themselves. */
export async function auditShowCommand(options: AuditShowOptions, signal: AbortSignal): Promise<void> {
  const filter = {
    customer: checkedCustomer(options.customer),
    terminal: options.terminal === undefined ? undefined : checkedTerminal(options.terminal),
    since: options.since === undefined ? undefined : day(options.since),
  };
  const output = new Output(options);
  const { reader } = await connectToAudit(options);
  const changes = new ChangeCollector(filter);
  let shown = 0;
  for await (const record of reader.records(filter.since)) {
    if (signal.aborted) throw new OperatorError("interrupted", "interrupted");
    const { records, ended } = changes.add(record);
    if (output.json) for (const one of records) output.result("record", one, "");
    if (!ended) continue;
    shown++;
    if (!output.json) output.result("change", {}, lineOf(ended));
  }
  const unfinished = changes.unfinished();
  if (!output.json) for (const one of unfinished) output.result("change", {}, lineOf(one));
  if (shown + unfinished.length === 0) output.note("No change is recorded that fits.");
  if (unfinished.length > 0) {
    output.note('"no outcome": under way, cut short, or its outcome waits on the computer it was made from.');
  }
}

/** @throws OperatorError when it is neither a day nor a time. */
function day(text: string): Date {
  const time = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time);
  throw new OperatorError("usage", `--since must be a day such as 2025-11-01, or a time in ISO 8601`);
}

/** A change in one line, and what is wrong with it in further ones. */
function lineOf(change: ChangeSummary): string {
  const { about, began, ended, result, done, failed, open } = change;
  const at = (began ?? ended ?? "").slice(0, 19).replace("T", " ");
  const counted = done + failed > 0 ? `${done} done${failed > 0 ? `, ${failed} failed` : ""}` : undefined;
  const told = details(change);
  const parts = [
    at,
    about.command.padEnd(9),
    customersOf(change).padEnd(20),
    terminalsOf(change).padEnd(24),
    (result?.outcome ?? "no outcome").padEnd(11),
    name(change.who),
    ...(told ? [told] : []),
    ...(counted ? [`(${counted})`] : []),
    ...(about.reason ? [`"${about.reason}"`] : []),
  ];
  const more = [
    ...(result?.message ? [`    ${result.message}`] : []),
    ...(open.length > 0 ? [`    no outcome for: ${some(open, 10)}`] : []),
  ];
  return [parts.join("  "), ...more].join("\n");
}

function customersOf({ about: { customer, customers } }: ChangeSummary): string {
  return customers ? some(customers, 3) : (customer ?? "-");
}

function terminalsOf({ about: { terminals, count } }: ChangeSummary): string {
  if (terminals?.length) return some(terminals, 2);
  return count === undefined ? "-" : `${count} ${count === 1 ? "terminal" : "terminals"}`;
}

function some(names: string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return names.slice(0, most).join(", ") + more;
}

/** Details that a line shows, in this order; `--json` has all. */
const shown = ["file", "site", "keys", "renewed", "state", "after"];

/** What a change was about beyond its terminals, and what became of them. */
function details({ about, result }: ChangeSummary): string {
  const all = { ...about.details, ...result?.details };
  return shown.flatMap((key) => (all[key] === undefined ? [] : [`${key} ${all[key]}`])).join(", ");
}

function name({ name, appId, objectId }: Actor): string {
  return name ?? (appId ? `application ${appId}` : objectId);
}
