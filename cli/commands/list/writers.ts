import type { TerminalStatus } from "../../fleet-status/drift.ts";
import { formatAge, stateLabel } from "../../fleet-status/format.ts";
import { printable } from "../../lib/printable.ts";
import { formatLabels } from "../../lifecycle/labels.ts";
import { byteOrderMark, formatCsvRow } from "../../terminal-ui/csv.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { StreamedTable } from "../../terminal-ui/streamed-table.ts";
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

/** Creates the writer for the form that the options name; `--json` is the form "json". */
export function createListWriter(
  { output: form, delimiter }: Pick<ListOptions, "output" | "delimiter">,
  output: Output,
  now: number,
): ListWriter {
  if (output.json) return { add: (status) => output.result("terminal", status, ""), end: () => {} };
  if (form === "csv") return csvWriter(output, delimiter === "semicolon" ? ";" : ",");
  return tableWriter(output, now);
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

function tableWriter({ stdout }: Output, now: number): ListWriter {
  const writeLine = (line: string) => stdout.write(`${line}\n`);
  return new StreamedTable<TerminalStatus>({
    titles: header(),
    cells: ({ terminal, name = "-", customer = "-", site = "-", state, lastSeen, drift }) => {
      const seen = lastSeen ? formatAge(lastSeen, now) : "-";
      const needsAttention = drift.length > 0 ? t`needs attention` : "";
      return [terminal, name, customer, site, stateLabel(state), seen, needsAttention].map(printable);
    },
    write: (_, row) => writeLine(row),
    writeTitles: writeLine,
  });
}
