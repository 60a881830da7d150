// Patches Azurite's private error middleware (blob and table) at run time: Azurite responds without a body to a request
// that it cannot parse or did not expect, never responds to a download with invalid headers, and responds with 500 to
// what it does not support, which clients retry for minutes.
import type { OutgoingMessage } from "node:http";
import type { Service } from "../../storage-request.ts";
import { loadClass, loadModule } from "../load-module.ts";

interface AzuriteError extends Error {
  storageErrorCode?: string;
}
interface Context {
  contextId?: string;
  contextID?: string;
}
interface Response {
  res: OutgoingMessage;
}
type Middleware = (
  context: Context,
  error: AzuriteError,
  request: unknown,
  response: Response,
  ...rest: unknown[]
) => void;

/**
 * Gives each error of Azurite an error code and a message.
 * @param warn Receives a line for each error that Azurite did not expect.
 */
export function patchErrorResponses(warn: (text: string) => void): void {
  for (const service of ["blob", "table"] as const) {
    const middleware: { default: Middleware } = loadModule(
      `${service}/generated/middleware/error.middleware`,
    );
    const handleError = middleware.default;
    middleware.default = (context, error, request, response, ...rest) =>
      handleError(
        context,
        toStorageError(service, context, error, response.res, warn),
        request,
        response,
        ...rest,
      );
  }
}

function toStorageError(
  service: Service,
  context: Context,
  error: AzuriteError,
  res: OutgoingMessage,
  warn: (text: string) => void,
): Error {
  const StorageError = loadClass(`${service}/errors/StorageError`);
  const MiddlewareError = loadClass(`${service}/generated/errors/MiddlewareError`);
  const create = (status: number, code: string, message: string): Error =>
    new StorageError(status, code, message, context.contextId ?? context.contextID, undefined, context);
  const { storageErrorCode: code, message } = error;
  if (code === "FeatureNotSupported") {
    const feature = message.split(" header or parameter")[0];
    return create(501, "NotImplemented", `The sandbox does not support ${feature}.`);
  }
  if (code !== undefined) {
    // Source: "Blob service error codes".
    return /contentMD5 doesn't match/.test(message) ? create(400, "Md5Mismatch", md5MismatchMessage) : error;
  }
  if (error instanceof MiddlewareError) {
    // The message may contain text of the client with characters that XML cannot represent.
    const reason = message.split("\n")[0]!.replace(/[^\x20-\x7e]/g, "?");
    return create(400, "InvalidInput", `One of the request inputs is not valid. ${reason}`);
  }
  warn(`unexpected error: ${error.stack?.split("\n").slice(0, 2).join("")}`);
  if (!res.headersSent) for (const name of res.getHeaderNames()) res.removeHeader(name);
  return create(500, "InternalError", "The server encountered an internal error. Please retry the request.");
}

const md5MismatchMessage =
  "The MD5 value specified in the request did not match with the MD5 value calculated by the server.";
