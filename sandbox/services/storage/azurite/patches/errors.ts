import type { OutgoingMessage } from "node:http";
import { createRequire } from "node:module";
import type { Service } from "../../storage-request.ts";

// The members of Azurite's classes that are used here; it publishes no types of them.
interface StorageFailure extends Error {
  storageErrorCode?: string;
}
interface Context {
  contextId?: string;
  contextID?: string;
}
interface Answer {
  res: OutgoingMessage;
}
type Middleware = (
  context: Context,
  error: StorageFailure,
  request: unknown,
  answer: Answer,
  ...rest: unknown[]
) => void;

const require = createRequire(import.meta.url);
const load = (path: string) => require(`azurite/dist/src/${path}.js`);

/**
 * Gives every failure of Azurite's a code and words. Azurite alone answers what it cannot read, or did not expect,
 * without a body, and a download whose headers cannot be sent not at all: the client would wait for the length that
 * was announced. What it names as not supported is a 500 there, which clients try again for minutes.
 * @param warn Told of what Azurite did not expect.
 */
export function answerInWords(warn: (text: string) => void): void {
  for (const service of ["blob", "table"] as const) {
    const middleware: { default: Middleware } = load(`${service}/generated/middleware/error.middleware`);
    const own = middleware.default;
    middleware.default = (context, error, request, answer, ...rest) =>
      own(context, inWords(service, context, error, answer.res, warn), request, answer, ...rest);
  }
}

function inWords(
  service: Service,
  context: Context,
  error: StorageFailure,
  answer: OutgoingMessage,
  warn: (text: string) => void,
): Error {
  const StorageError = load(`${service}/errors/StorageError`).default;
  const MiddlewareError = load(`${service}/generated/errors/MiddlewareError`).default;
  const failure = (status: number, code: string, message: string): Error =>
    new StorageError(status, code, message, context.contextId ?? context.contextID, undefined, context);
  const { storageErrorCode: code, message } = error;
  if (code === "FeatureNotSupported") {
    const feature = message.split(" header or parameter")[0];
    return failure(501, "NotImplemented", `The sandbox does not support ${feature}.`);
  }
  if (code !== undefined) {
    // Source: "Blob service error codes".
    return /contentMD5 doesn't match/.test(message) ? failure(400, "Md5Mismatch", Md5Mismatch) : error;
  }
  if (error instanceof MiddlewareError) {
    // It may repeat what the client sent, which XML need not be able to hold.
    const why = message.split("\n")[0]!.replace(/[^\x20-\x7e]/g, "?");
    return failure(400, "InvalidInput", `One of the request inputs is not valid. ${why}`);
  }
  warn(`did not expect a request: ${error.stack?.split("\n").slice(0, 2).join("")}`);
  if (!answer.headersSent) for (const name of answer.getHeaderNames()) answer.removeHeader(name);
  return failure(500, "InternalError", "The server encountered an internal error. Please retry the request.");
}

const Md5Mismatch =
  "The MD5 value specified in the request did not match with the MD5 value calculated by the server.";
