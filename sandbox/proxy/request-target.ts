import type { IncomingMessage } from "node:http";
import { normalizeHost } from "./hosts.ts";

/** The absolute form of a request target. Java's AMQP over WebSockets sends it, with the scheme https. */
const absoluteForm = /^(?:https?|wss?):\/\/(?:[^/?#@]*@)?(?<host>[^/?#:]+)(?::\d*)?(?<rest>[/?].*)?$/i;

/**
 * Replaces the absolute form of a request's target by its path and query, so that every endpoint sees one form. A server
 * must accept both (RFC 9112, 3.2.2).
 * @returns False when the target names another host than the connection: the answer is 421 (RFC 9110, 15.5.20).
 */
export function readTarget(req: IncomingMessage, host: string): boolean {
  const parts = absoluteForm.exec(req.url ?? "")?.groups;
  if (!parts) return true;
  const { rest = "/" } = parts;
  req.url = rest.startsWith("/") ? rest : `/${rest}`;
  return normalizeHost(parts.host ?? "") === host;
}
