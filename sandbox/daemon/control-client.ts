import { request } from "node:http";

/** The state that `azure-sandbox status` shows. */
export interface Status {
  pid: number;
  /** ISO 8601, by the computer's clock. */
  startedAt: string;
  proxyUrl: string;
  caFile: string;
  tenantId: string;
  subscriptionId: string;
  /** Difference between the sandbox's clock and the computer's clock, in milliseconds. */
  clockOffsetMs: number;
  /** The sandbox's time, ISO 8601. */
  now: string;
  /** Whether the IoT Hub enforces its throttles and quotas. */
  throttling: boolean;
  /** Number of deployed resources by type. */
  resources: Record<string, number>;
}

/** What the sandbox's process reports to the command that starts it. */
export type StartMessage = { ready: true; portsChanged: boolean } | { failed: string; isPortInUse: boolean };

/** The sandbox does not run: no process listens on its socket. */
export class NotRunning extends Error {}

/**
 * Calls the control API of the running sandbox.
 * @throws NotRunning when the sandbox does not run; an Error with the sandbox's message when the call fails.
 */
export function callControl<T>(
  socket: string,
  method: "GET" | "POST",
  path: string,
  body: object = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: socket, method, path, headers: { "content-type": "application/json" } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = parseObject(Buffer.concat(chunks).toString());
          if (response.statusCode === 200 && answer) resolve(answer as T);
          else reject(new Error(String(answer?.error ?? `The sandbox answered ${response.statusCode}.`)));
        });
      },
    );
    call.on("error", (error: NodeJS.ErrnoException) => {
      const isAbsent = ["ENOENT", "ECONNREFUSED"].includes(error.code ?? "");
      reject(
        isAbsent ? new NotRunning("The sandbox does not run. Start it with: npx azure-sandbox up") : error,
      );
    });
    call.end(method === "POST" ? JSON.stringify(body) : undefined);
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
