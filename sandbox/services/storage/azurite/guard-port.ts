import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { portPassHeader } from "./messages.ts";

type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * Lets a server of Azurite answer requests of the sandbox only. Other programs on this computer can reach its port, and
 * with an account key they would get past what the sandbox checks before Azurite: allowSharedKeyAccess, SAS policies and
 * immutability.
 * @param pass The secret that each request of the sandbox has in the header x-sandbox-port-pass.
 */
export function guardPort(server: Server, pass: string): void {
  const listeners = server.listeners("request") as Listener[];
  server.removeAllListeners("request");
  server.on("request", (req: IncomingMessage, res: ServerResponse) => {
    if (isSame(String(req.headers[portPassHeader] ?? ""), pass)) {
      for (const listener of listeners) listener.call(server, req, res);
      return;
    }
    res.writeHead(403, { "content-type": "text/plain; charset=utf-8", connection: "close" });
    res.end("This port answers the sandbox only. Use the sandbox's proxy: azure-sandbox env prints it.\n");
  });
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
