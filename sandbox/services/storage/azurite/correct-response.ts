import type { IncomingMessage, ServerResponse } from "node:http";
import { sendError } from "../send-error.ts";
import { authenticationFailed, StorageError } from "../storage-error.ts";
import type { Service, StorageRequest } from "../storage-request.ts";

/**
 * Replaces a response of Azurite that differs from Azure's.
 * @param req The client's request. @param res The response to the client.
 * @param now Time of the response.
 * @returns A promise of the replacement, or undefined when the response needs none.
 */
export function correctResponse(
  service: Service,
  request: StorageRequest,
  req: IncomingMessage,
  res: ServerResponse,
  response: IncomingMessage,
  now: Date,
): Promise<void> | undefined {
  const rangeError = findEmptyRange(response);
  if (rangeError) {
    response.resume();
    return Promise.resolve(sendError(service, req, res, rangeError, now));
  }
  if (response.statusCode !== 403) return undefined;
  return correctForbidden(service, request, req, res, response, now);
}

/** A range that begins at the end of the blob is an error in Azure, and empty in Azurite (Azurite issue 318). */
function findEmptyRange(response: IncomingMessage): StorageError | undefined {
  const [, first, last, size] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(response.headers["content-range"])) ?? [];
  if (response.statusCode !== 206 || Number(last) >= Number(first)) return undefined;
  return new StorageError(
    416,
    "InvalidRange",
    "The range specified is invalid for the current size of the resource.",
    { contentRange: `bytes */${size}` },
  );
}

/**
 * Azurite responds with AuthorizationFailure where Azure responds with AuthenticationFailed (for an invalid signature,
 * stored access policy or time), or with ResourceNotFound (for an anonymous request to a private container).
 */
async function correctForbidden(
  service: Service,
  request: StorageRequest,
  req: IncomingMessage,
  res: ServerResponse,
  response: IncomingMessage,
  now: Date,
): Promise<void> {
  let text = "";
  for await (const chunk of response) text += chunk;
  const code = String(response.headers["x-ms-error-code"] ?? /"code":"(\w+)"/.exec(text)?.[1] ?? "");
  if (code === "AuthorizationFailure" || code === "") {
    const isAnonymous = request.credential.kind === "anonymous";
    const notFound = new StorageError(404, "ResourceNotFound", "The specified resource does not exist.");
    sendError(service, req, res, isAnonymous ? notFound : authenticationFailed(), now);
    return;
  }
  res.writeHead(403, {
    // A response to HEAD has no content type.
    "content-type": response.headers["content-type"] ?? "application/xml",
    "x-ms-error-code": code,
    "x-ms-request-id": response.headers["x-ms-request-id"],
    date: now.toUTCString(),
  });
  res.end(req.method === "HEAD" ? undefined : text);
}
