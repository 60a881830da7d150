import type { TerminalStatus } from "../../fleet-status/drift.ts";
import { formatAge, stateLabel } from "../../fleet-status/format.ts";
import { printable } from "../../lib/printable.ts";
import { formatLabels } from "../../lifecycle/labels.ts";
import { byteOrderMark, formatCsvRow } from "../../terminal-ui/csv.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { ListOptions } from "./definition.ts";

/** Writes terminals while they arrive. */
export interface ListWriter {
  add(status: TerminalStatus): void;
  /** Writes what was held back. */
  end(): void;
}

/** The columns of the CSV, named as the members of the JSON. The first four are those of a batch file. */
const csvColumns: [name: string, value: (status: TerminalStatus) => string | undefined][] = [
  ["terminal", ({ terminal }) => terminal],
  ["site", ({ site }) => site],
  ["customer", ({ customer }) => customer],
  ["name", ({ name }) => name],
  ["state", ({ state }) => state],
  ["reason", ({ reason }) => reason],
  ["lastSeen", ({ lastSeen }) => lastSeen],
  ["keysFrom", ({ keysFrom }) => keysFrom],
  ["filesWaiting", ({ files }) => String(files.waiting)],
  ["filesDelivered", ({ files }) => String(files.delivered)],
  ["filesFailed", ({ files }) => String(files.failed)],
  ["drift", ({ drift }) => drift.join(" ")],
  ["labels", ({ labels }) => formatLabels({ labels: labels ?? {} })],
  ["note", ({ note }) => note],
];

/** Terminals that decide the widths of the table's columns. */
const measuredTerminals = 200;

/** Creates the writer for the form that the options name; `--json` is the form "json". */
export function createListWriter(
  { output: form, delimiter }: Pick<ListOptions, "output" | "delimiter">,
  output: Output,
  now: number,
): ListWriter {
  if (output.json) return { add: (status) => output.result("terminal", status, ""), end: () => {} };
  if (form === "csv") return csvWriter(output, delimiter === "semicolon" ? ";" : ",");
  return new TableWriter(output, now);
}

function csvWriter({ stdout }: Output, delimiter: string): ListWriter {
  const header = csvColumns.map(([name]) => name);
  stdout.write(byteOrderMark + formatCsvRow(header, delimiter));
  return {
    add: (status) =>
      stdout.write(
        formatCsvRow(
          csvColumns.map(([, value]) => value(status) ?? ""),
          delimiter,
        ),
      ),
    end: () => {},
  };
}

const header = () => [
  ...[t`terminal`, t`name`, t`customer`, t`site`, t`state`].map((name) => name.toUpperCase()),
  t`SEEN (ago)`,
  "",
];

/** Writes a table. The first terminals are held back to measure the columns. */
class TableWriter implements ListWriter {
  private held: string[][] = [header()];
  private widths: number[] | undefined;
  private readonly output: Output;
  private readonly now: number;

  constructor(output: Output, now: number) {
    this.output = output;
    this.now = now;
  }

  add({ terminal, name = "-", customer = "-", site = "-", state, lastSeen, drift }: TerminalStatus): void {
    const seen = lastSeen ? formatAge(lastSeen, this.now) : "-";
    const needsAttention = drift.length > 0 ? t`needs attention` : "";
    const cells = [terminal, name, customer, site, stateLabel(state), seen, needsAttention];
    this.held.push(cells.map(printable));
    if (this.widths || this.held.length > measuredTerminals) this.writeHeld();
  }

  end(): void {
    if (this.held.length > 1) this.writeHeld();
  }

  private writeHeld(): void {
    this.widths ??= header().map((_, column) =>
      Math.max(...this.held.map((row) => (row[column] as string).length)),
    );
    for (const row of this.held.splice(0)) {
      const line = row.map((cell, column) => cell.padEnd(this.widths?.[column] ?? 0)).join("  ");
      this.output.stdout.write(`${line.trimEnd()}\n`);
    }
  }
}
