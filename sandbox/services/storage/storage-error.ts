import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { XMLBuilder } from "fast-xml-parser";
import type { Service } from "./storage-request.ts";

/** A refusal in Azure Storage's own words. Source: "Common REST API error codes" and "SAS error codes". */
export class StorageError extends Error {
  readonly status: number;
  readonly code: string;
  /** AuthenticationErrorDetail: why, when the code alone does not say. */
  readonly detail: string | undefined;
  /** For 401: how to sign in, as WWW-Authenticate. */
  readonly challenge: string | undefined;
  /** For 416: the Content-Range, which tells the length. */
  readonly contentRange: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { detail?: string; challenge?: string; contentRange?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.challenge = more.challenge;
    this.contentRange = more.contentRange;
  }
}

/** 403 for a signature or its fields; `detail` is told to the client. */
export function authenticationFailed(detail?: string): StorageError {
  return new StorageError(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    { detail },
  );
}

/** 403 for a caller that is known and lacks the role, or a SAS that lacks the permission. */
export function permissionMismatch(): StorageError {
  return new StorageError(
    403,
    "AuthorizationPermissionMismatch",
    "This request is not authorized to perform this operation using this permission.",
  );
}

/** 400 for an address that names nothing. */
export function invalidUri(): StorageError {
  return new StorageError(
    400,
    "InvalidUri",
    "The requested URI does not represent any resource on the server.",
  );
}

/** 400 for a header whose value is none that it can have. */
export function invalidHeader(name: string): StorageError {
  return new StorageError(
    400,
    "InvalidHeaderValue",
    `The value for one of the HTTP headers is not in the correct format: ${name}.`,
  );
}

/** 501 for what Azure can do and the sandbox cannot; it says so instead of pretending. */
export function notInSandbox(what: string): StorageError {
  return new StorageError(501, "NotImplemented", `The sandbox does not support ${what}.`);
}

const xml = new XMLBuilder({ suppressEmptyNode: true });

/** Sends the error as the service does: XML for blobs, JSON for tables (XML where the client takes no JSON). */
export function sendError(
  service: Service,
  req: IncomingMessage,
  res: ServerResponse,
  error: StorageError,
  now: Date,
): void {
  // The rest of the body is read and thrown away, so that the client sees the answer and may go on.
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
