import { randomInt } from "node:crypto";

/**
 * The range from which the sandbox chooses ports that must stay the same after a restart. Operating systems give the
 * ports above it to outgoing connections and to listeners on port 0 (Linux from 32768, macOS and Windows from 49152), so
 * another program could receive such a port while the sandbox is stopped.
 */
const firstPort = 20_000;
const lastPort = 32_767;
const maxAttempts = 50;

/** The port is in use by another program, or reserved by the operating system (Windows responds with EACCES). */
export function isPortUnavailable(error: unknown): boolean {
  return ["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/**
 * Binds a port that the sandbox can bind again after a restart: the preferred port, or, when that is unavailable, a
 * random port of the range.
 * @param preferred The port of an earlier start; undefined at the first start.
 * @param bind Binds a port and keeps it. It must reject with the code EADDRINUSE or EACCES when the port is unavailable.
 * @returns The result of `bind`.
 * @throws Any other error of `bind`, or its last error after 50 attempts.
 */
export async function bindStablePort<Bound>(
  preferred: number | undefined,
  bind: (port: number) => Promise<Bound>,
): Promise<Bound> {
  let port = preferred ?? randomInt(firstPort, lastPort + 1);
  for (let attempt = 1; ; attempt++) {
    try {
      return await bind(port);
    } catch (error) {
      if (!isPortUnavailable(error) || attempt === maxAttempts) throw error;
      port = randomInt(firstPort, lastPort + 1);
    }
  }
}
