import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { XMLBuilder } from "fast-xml-parser";
import type { StorageError } from "./storage-error.ts";
import type { Service } from "./storage-request.ts";

const xml = new XMLBuilder({ suppressEmptyNode: true });

/** Sends an error as the service does: XML for blobs, and JSON for tables (XML when the client accepts no JSON). */
export function sendError(
  service: Service,
  req: IncomingMessage,
  res: ServerResponse,
  error: StorageError,
  now: Date,
): void {
  // Read and discard the rest of the body, so that the client reads the response and can reuse the connection.
  req.resume();
  const requestId = randomUUID();
  const message = `${error.message}\nRequestId:${requestId}\nTime:${now.toISOString()}`;
  const json = service === "table" && /json/.test(req.headers.accept ?? "json");
  const body = json ? tableBody(error, message) : xmlBody(error, message);
  res.writeHead(error.status, {
    "content-type": json ? "application/json" : "application/xml",
    "content-length": Buffer.byteLength(body),
    "x-ms-error-code": error.code,
    "x-ms-request-id": requestId,
    date: now.toUTCString(),
    ...(error.challenge ? { "www-authenticate": error.challenge } : {}),
    ...(error.contentRange ? { "content-range": error.contentRange } : {}),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

function tableBody(error: StorageError, message: string): string {
  const value = error.detail ? `${message}\n${error.detail}` : message;
  return JSON.stringify({ "odata.error": { code: error.code, message: { lang: "en-US", value } } });
}

function xmlBody(error: StorageError, message: string): string {
  const fields = { Code: error.code, Message: message, AuthenticationErrorDetail: error.detail };
  if (!error.detail) delete fields.AuthenticationErrorDetail;
  return `<?xml version="1.0" encoding="utf-8"?>${xml.build({ Error: fields })}`;
}
