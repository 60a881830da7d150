import { existsSync, readFileSync } from "node:fs";

/** Open files of a process besides its clients' connections: modules, databases, logs, connections to Azurite. */
export const otherFiles = 500;

/** Linux only. */
const limitsFile = "/proc/self/limits";

/**
 * The number of files and connections that this process may have open. Node raises the soft limit to the hard one at its
 * start. Infinity where the system has no such limit, as Windows.
 */
export function readOpenFilesLimit(): number {
  const soft = existsSync(limitsFile)
    ? /^Max open files\s+(\S+)/m.exec(readFileSync(limitsFile, "utf8"))?.[1]
    : readReport();
  return Number.isSafeInteger(Number(soft)) ? Number(soft) : Number.POSITIVE_INFINITY;
}

/** Takes some 20 ms, and longer in a process with connections. */
function readReport(): string | undefined {
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits?: { open_files?: { soft: unknown } };
  };
  return userLimits && String(userLimits.open_files?.soft);
}
