import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { printable } from "@terminal-fleet/cli/terminal-support";

/**
 * Writes one line to the terminal's log. Never pass a key, a token or a URL with a signature. A file log writes characters
 * that could act on a viewer of the log as their codes.
 */
export type TerminalLog = (line: string) => void;

const maxBytes = 1024 * 1024;

/**
 * A log in the terminal's folder `outgoing`, where operators can request it: terminal.log and the older terminal.1.log, with
 * 2 MB together at most.
 * @param onLine Receives each line too.
 */
export function fileLog(folder: string, onLine: TerminalLog = () => {}): TerminalLog {
  const outgoing = join(folder, "outgoing");
  mkdirSync(outgoing, { recursive: true, mode: 0o700 });
  const path = join(outgoing, "terminal.log");
  return (text) => {
    const line = printable(text);
    onLine(line);
    try {
      appendFileSync(path, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
      if (statSync(path).size > maxBytes) renameSync(path, join(outgoing, "terminal.1.log"));
    } catch {
      // A full disk must not stop the terminal.
    }
  };
}
