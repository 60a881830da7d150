import { styleText } from "node:util";
import {
  driftDescriptions,
  openAccessPaths,
  type State,
  type TerminalStatus,
} from "../../fleet-status/drift.ts";
import { formatAge, formatFiles, formatRemarks, stateLabels } from "../../fleet-status/format.ts";

const header = ["TERMINAL", "CUSTOMER", "SITE", "STATE", "SEEN", "KEYS", "FILES", ""];
/** Terminals after which the columns' widths stay as they are. */
const measured = 200;
const widest = 32;

const colours: Partial<Record<State, "green" | "yellow" | "red" | "dim">> = {
  connected: "green",
  offline: "yellow",
  revoked: "dim",
  "no-identity": "red",
};

/**
 * Writes terminals as a table while they come: the first ones are held back to measure the columns. What does not fit
 * together stands below a terminal's line.
 */
export class StatusTable {
  private readonly write: (text: string) => void;
  private readonly now: number;
  private held: TerminalStatus[] = [];
  private widths: number[] | undefined;

  constructor(write: (text: string) => void, now: number) {
    this.write = write;
    this.now = now;
  }

  add(status: TerminalStatus): void {
    if (this.widths) this.line(status, this.widths);
    else if (this.held.push(status) >= measured) this.begin();
  }

  /** Writes what was held back. */
  end(): void {
    if (!this.widths && this.held.length > 0) this.begin();
  }

  private begin(): void {
    const rows = [header, ...this.held.map((status) => this.cells(status))];
    const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
    this.widths = widths;
    this.write(`${row(header, widths)}\n`);
    for (const status of this.held.splice(0)) this.line(status, widths);
  }

  private line(status: TerminalStatus, widths: number[]): void {
    const colour = colours[status.state];
    const text = row(this.cells(status), widths);
    // The state's word alone is coloured: its place is known from the columns before it.
    const from = widths.slice(0, 3).reduce((sum, width) => sum + width + 2, 0);
    const word = stateLabels[status.state];
    const coloured =
      colour && text.startsWith(word, from)
        ? text.slice(0, from) + paint(colour, word) + text.slice(from + word.length)
        : text;
    this.write(`${coloured}\n`);
    for (const name of status.drift) {
      this.write(
        `    ${paint(openAccessPaths.has(name) ? "red" : "yellow", `! It ${driftDescriptions[name]}.`)}\n`,
      );
    }
  }

  private cells(status: TerminalStatus): string[] {
    const { terminal, customer = "", site = "", state, lastSeen, keysFrom, files } = status;
    return [
      terminal,
      cut(customer),
      cut(site),
      stateLabels[state],
      lastSeen ? formatAge(lastSeen, this.now) : "-",
      keysFrom ? formatAge(keysFrom, this.now) : "-",
      formatFiles(files) || "-",
      formatRemarks(status).join("; "),
    ];
  }
}

function row(cells: string[], widths: number[]): string {
  return cells
    .map((cell, column) => cell.padEnd(widths[column] as number))
    .join("  ")
    .trimEnd();
}

function cut(text: string): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`;
}

/** Colours on a terminal that takes them, and nowhere else. */
function paint(colour: "green" | "yellow" | "red" | "dim", text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
