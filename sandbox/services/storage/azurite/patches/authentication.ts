// Patches Azurite's private classes AuthenticationMiddlewareFactory (blob and table) and PublicAccessAuthenticator at run
// time: Azurite must accept requests that the sandbox has authorized, must run the operation that the sandbox authorized, and
// must verify each signature.
import { timingSafeEqual } from "node:crypto";
import type { Service } from "../../storage-request.ts";
import { loadClass, loadModule, type Method } from "../load-module.ts";
import { operationHeader, passHeader } from "../messages.ts";

interface BlobRequest {
  getHeader(name: string): string | undefined;
}
interface TableRequest {
  header(name: string): string | undefined;
}
interface BlobContext {
  contextId: string;
  operation: number | undefined;
}

const blobMiddleware = () => loadClass("blob/middlewares/AuthenticationMiddlewareFactory").prototype;
const tableMiddleware = () => loadClass("table/middleware/AuthenticationMiddlewareFactory").prototype;

/** Accepts requests with the pass: the sandbox has authorized them (by Entra ID), or has sent them itself. */
export function acceptPass(pass: string): void {
  const expected = Buffer.from(pass);
  const isPass = (value: string | undefined) => {
    const actual = Buffer.from(value ?? "");
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
  const blob = blobMiddleware();
  const authenticateBlob: Method = blob.authenticate;
  blob.authenticate = async function (context: unknown, req: BlobRequest, ...rest: unknown[]) {
    return isPass(req.getHeader(passHeader)) || authenticateBlob.call(this, context, req, ...rest);
  };
  const table = tableMiddleware();
  const authenticateTable: Method = table.authenticate;
  table.authenticate = async function (req: TableRequest, ...rest: unknown[]) {
    return isPass(req.header(passHeader)) || authenticateTable.call(this, req, ...rest);
  };
}

/**
 * Rejects a request for which Azurite would run another operation than the sandbox authorized. Azurite chooses the
 * operation with the most matching parameters and headers: with the headers of a Put Blob, a Set Blob Tier becomes a
 * Put Blob. Call it after acceptPass.
 */
export function enforceOperation(): void {
  const message = "The request's headers and parameters match more than one operation.";
  const isAuthorized = (service: Service, operation: number | undefined, authorized: string | undefined) =>
    authorized === undefined ||
    loadClass(`${service}/generated/artifacts/operation`)[operation ?? -1] === authorized;
  const blob = blobMiddleware();
  const authenticateBlob: Method = blob.authenticate;
  blob.authenticate = async function (context: BlobContext, req: BlobRequest, ...rest: unknown[]) {
    if (!isAuthorized("blob", context.operation, req.getHeader(operationHeader))) {
      throw loadClass("blob/errors/StorageErrorFactory").getInvalidOperation(context.contextId, message);
    }
    return authenticateBlob.call(this, context, req, ...rest);
  };
  const table = tableMiddleware();
  const authenticateTable: Method = table.authenticate;
  const TableContext = loadClass("table/context/TableStorageContext");
  const { DEFAULT_TABLE_CONTEXT_PATH } = loadModule("table/utils/constants");
  table.authenticate = async function (req: TableRequest, res: { locals: object }, ...rest: unknown[]) {
    const context = new TableContext(res.locals, DEFAULT_TABLE_CONTEXT_PATH);
    if (!isAuthorized("table", context.operation, req.header(operationHeader))) {
      throw loadClass("table/errors/StorageErrorFactory").getInvalidOperation(context, message);
    }
    return authenticateTable.call(this, req, res, ...rest);
  };
}

/**
 * Limits anonymous access to requests without the header Authorization, so that an invalid signature is rejected for a public
 * container too. Azurite looks for anonymous access first, and searches the container for each signed request.
 */
export function rejectForgedSignatures(): void {
  const authenticator = loadClass("blob/authentication/PublicAccessAuthenticator").prototype;
  const validate: Method = authenticator.validate;
  authenticator.validate = async function (req: BlobRequest, ...rest: unknown[]) {
    if (req.getHeader("authorization") !== undefined) return undefined;
    return validate.call(this, req, ...rest);
  };
}
