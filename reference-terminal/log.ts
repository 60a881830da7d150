import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** Writes one line of a terminal's log. Never give it a key, a token or a URL with a signature. */
export type TerminalLog = (line: string) => void;

const largestBytes = 1024 * 1024;

/**
 * A terminal's log in its folder `outgoing`, where operators can ask for it: terminal.log, and terminal.1.log before
 * it; 2 MB at most.
 * @param also Gets each line too.
 */
export function fileLog(folder: string, also: TerminalLog = () => {}): TerminalLog {
  const outgoing = join(folder, "outgoing");
  mkdirSync(outgoing, { recursive: true, mode: 0o700 });
  const path = join(outgoing, "terminal.log");
  return (line) => {
    also(line);
    try {
      appendFileSync(path, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
      if (statSync(path).size > largestBytes) renameSync(path, join(outgoing, "terminal.1.log"));
    } catch {
      // A full disk must not stop a terminal from working.
    }
  };
}
