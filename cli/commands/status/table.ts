import { styleText } from "node:util";
import { openAccessPaths, type State, type TerminalStatus } from "../../fleet-status/drift.ts";
import { describeDrift } from "../../fleet-status/drift-words.ts";
import { formatAge, formatFiles, formatRemarks, stateLabel } from "../../fleet-status/format.ts";
import { printable } from "../../lib/printable.ts";
import type { OutputStream } from "../../terminal-ui/output.ts";
import { StreamedTable } from "../../terminal-ui/streamed-table.ts";
import { t } from "../../words/translate.ts";

const header = () => [
  ...[t`TERMINAL`, t`CUSTOMER`, t`SITE`, t`STATE`],
  ...[t`SEEN (ago)`, t`KEY AGE`, t`FILES`, ""],
];
/** Columns before the state. */
const stateColumn = 3;
/** Maximum width of a customer's or a site's name. */
const maxNameWidth = 32;

type Colour = "green" | "yellow" | "red" | "dim";

const stateColours: Partial<Record<State, Colour>> = {
  connected: "green",
  offline: "yellow",
  revoked: "dim",
  "no-identity": "red",
};

/** Writes terminals as a table while they arrive. Drift is written below its terminal's line. */
export class StatusTable {
  private readonly stream: OutputStream;
  private readonly now: number;
  private readonly table: StreamedTable<TerminalStatus>;

  constructor(stream: OutputStream, now: number) {
    this.stream = stream;
    this.now = now;
    this.table = new StreamedTable({
      titles: header(),
      cells: (status) => this.cells(status),
      write: (status, row, widths) => this.writeTerminal(status, row, widths),
      writeTitles: (row) => stream.write(`${row}\n`),
    });
  }

  add(status: TerminalStatus): void {
    this.table.add(status);
  }

  /** Writes the terminals that were held back. */
  end(): void {
    this.table.end();
  }

  private writeTerminal(status: TerminalStatus, row: string, widths: readonly number[]): void {
    this.stream.write(`${this.paintState(status, row, widths)}\n`);
    for (const name of status.drift) {
      const colour = openAccessPaths.has(name) ? "red" : "yellow";
      this.stream.write(`    ${this.paint(colour, `! ${describeDrift(name)}`)}\n`);
    }
  }

  /** Paints the state in a row. Painting a cell before the columns are aligned would change its width. */
  private paintState({ state }: TerminalStatus, row: string, widths: readonly number[]): string {
    const colour = stateColours[state];
    const word = stateLabel(state);
    const start = widths.slice(0, stateColumn).reduce((sum, width) => sum + width + 2, 0);
    if (!colour || !row.startsWith(word, start)) return row;
    return row.slice(0, start) + this.paint(colour, word) + row.slice(start + word.length);
  }

  private cells(status: TerminalStatus): string[] {
    const { terminal, customer = "", site = "", state, lastSeen, keysFrom, files } = status;
    return [
      printable(terminal),
      shorten(printable(customer)),
      shorten(printable(site)),
      stateLabel(state),
      lastSeen ? formatAge(lastSeen, this.now) : "-",
      keysFrom ? formatAge(keysFrom, this.now) : "-",
      formatFiles(files) || "-",
      printable(formatRemarks(status).join("; ")),
    ];
  }

  /** Colours a text if the stream is a terminal that supports colours. */
  private paint(colour: Colour, text: string): string {
    return styleText(colour, text, { stream: this.stream });
  }
}

function shorten(text: string): string {
  return text.length <= maxNameWidth ? text : `${text.slice(0, maxNameWidth - 1)}…`;
}
