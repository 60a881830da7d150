import type { Server } from "node:net";
import { otherFiles, readOpenFilesLimit } from "../core/open-files.ts";

/** Milliseconds between two lines of the log about connections that were closed because of the limit. */
const linePauseMs = 60_000;

/**
 * Lets a server close a new connection when the process is close to its limit of open files, and logs the remedy. Without
 * this, the sandbox could not open its own files, and connections would end without a reason in the log.
 * @param limit The number of files that the process may have open.
 */
export function limitConnections(server: Server, log: (line: string) => void, limit = readOpenFilesLimit()) {
  if (!Number.isFinite(limit)) return;
  server.maxConnections = Math.max(limit - otherFiles, Math.ceil(limit / 2));
  let nextLineAt = Number.NEGATIVE_INFINITY;
  server.on("drop", () => {
    if (performance.now() < nextLineAt) return;
    nextLineAt = performance.now() + linePauseMs;
    log(
      `Closed a new connection, because ${server.maxConnections} are open and this process may have ${limit} files open. ` +
        `Raise the limit in the shell that starts the sandbox: ulimit -n ${limit * 4}`,
    );
  });
}
