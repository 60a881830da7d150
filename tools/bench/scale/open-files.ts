import { otherFiles, readOpenFilesLimit } from "@terminal-fleet/sandbox/testing";

/**
 * Checks that one process can hold a number of connections: the sandbox holds those of all terminals.
 * @throws Error with the remedy when the limit of open files is too low.
 */
export function requireOpenFiles(connections: number, limit = readOpenFilesLimit()): void {
  const needed = connections + otherFiles;
  if (limit >= needed) return;
  throw new Error(
    `${connections} connections need ${needed} open files in one process, and this shell allows ${limit}. ` +
      `Raise the limit: ulimit -n ${needed} (above the hard limit as root, or in /etc/security/limits.conf), ` +
      `or measure fewer terminals: BENCH_CONNECTED=${Math.max(limit - otherFiles, 1)}`,
  );
}
