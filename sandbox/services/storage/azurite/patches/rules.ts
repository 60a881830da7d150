import { timingSafeEqual } from "node:crypto";
import { createRequire } from "node:module";
import type { Service } from "../../storage-request.ts";
import { type KeysByAccount, operationHeader, passHeader } from "../messages.ts";

// Azurite publishes no interface for what follows, so these are the members of its classes that are used here.
interface Request {
  getHeader(name: string): string | undefined;
}
interface TableRequest {
  header(name: string): string | undefined;
}
interface BlobContext {
  contextId: string;
  operation: number | undefined;
}
interface AccessPolicy {
  start?: string;
  expiry?: string;
  permission?: string;
}
interface SasValues {
  startTime?: string;
  expiryTime?: string;
  permissions?: string;
}
type Method = (this: unknown, ...args: unknown[]) => unknown;

const require = createRequire(import.meta.url);
const load = (path: string) => require(`azurite/dist/src/${path}.js`).default;

/** Moves this process's clock: what Azurite calls now is the machine's time plus the offset. */
export function moveClock(): (offsetMs: number) => void {
  const machine = Date;
  let offset = 0;
  const now = () => machine.now() + offset;
  globalThis.Date = new Proxy(machine, {
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self),
    apply: () => new machine(now()).toString(),
    get: (target, name, self) => (name === "now" ? now : Reflect.get(target, name, self)),
  });
  return (offsetMs) => {
    offset = offsetMs;
  };
}

/** Takes the accounts and keys from the sandbox, at once; Azurite alone reads its environment once a minute. */
export function takeKeys(): (accounts: KeysByAccount) => void {
  let known = new Map<string, object>();
  const store = load("common/AccountDataStore").prototype;
  store.refresh = () => {};
  store.getAccount = (name: string) => known.get(name);
  return (accounts) => {
    known = new Map(
      Object.entries(accounts).map(([name, keys]) => {
        const [key1, key2] = keys.map((key) => Buffer.from(key, "base64"));
        return [name, { name, key1, key2 }];
      }),
    );
  };
}

/** Lets requests through that carry the pass: the sandbox has authorized them (Entra ID, its own work). */
export function acceptPass(pass: string): void {
  const expected = Buffer.from(pass);
  const carriesPass = (value: string | undefined) => {
    const given = Buffer.from(value ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const blob = load("blob/middlewares/AuthenticationMiddlewareFactory").prototype;
  const blobOwn: Method = blob.authenticate;
  blob.authenticate = async function (context: unknown, req: Request, ...rest: unknown[]) {
    return carriesPass(req.getHeader(passHeader)) || blobOwn.call(this, context, req, ...rest);
  };
  const table = load("table/middleware/AuthenticationMiddlewareFactory").prototype;
  const tableOwn: Method = table.authenticate;
  table.authenticate = async function (req: TableRequest, ...rest: unknown[]) {
    return carriesPass(req.header(passHeader)) || tableOwn.call(this, req, ...rest);
  };
}

/**
 * Refuses a request of which Azurite would make another operation than the sandbox did. Azurite goes by whatever
 * parameters and headers fit most, so that a Put Blob's headers make a Put Blob of a Set Blob Tier. To be called
 * after acceptPass.
 */
export function holdToOperations(): void {
  const words = "The request's headers and parameters ask for more than one operation.";
  const check = (service: Service, operation: number | undefined, named: string | undefined) =>
    named === undefined || load(`${service}/generated/artifacts/operation`)[operation ?? -1] === named;
  const blob = load("blob/middlewares/AuthenticationMiddlewareFactory").prototype;
  const blobOwn: Method = blob.authenticate;
  blob.authenticate = async function (context: BlobContext, req: Request, ...rest: unknown[]) {
    if (!check("blob", context.operation, req.getHeader(operationHeader))) {
      throw load("blob/errors/StorageErrorFactory").getInvalidOperation(context.contextId, words);
    }
    return blobOwn.call(this, context, req, ...rest);
  };
  const table = load("table/middleware/AuthenticationMiddlewareFactory").prototype;
  const tableOwn: Method = table.authenticate;
  const Context = load("table/context/TableStorageContext");
  const { DEFAULT_TABLE_CONTEXT_PATH } = require("azurite/dist/src/table/utils/constants.js");
  table.authenticate = async function (req: TableRequest, res: { locals: object }, ...rest: unknown[]) {
    const context = new Context(res.locals, DEFAULT_TABLE_CONTEXT_PATH);
    if (!check("table", context.operation, req.header(operationHeader))) {
      throw load("table/errors/StorageErrorFactory").getInvalidOperation(context, words);
    }
    return tableOwn.call(this, req, res, ...rest);
  };
}

/**
 * Finds the table in the addresses inside an entity group transaction, where the host names the account. Azurite
 * alone expects the account in the path there, though it takes such hosts everywhere else.
 */
export function takeHostsInTransactions(): void {
  const { BatchSerialization } = require("azurite/dist/src/table/batch/BatchSerialization.js");
  BatchSerialization.prototype.extractPath = (uri: string) => /^https?:\/\/[^/]+\/(\w+)/.exec(uri);
}

/**
 * Lets a table's stored access policy leave out terms, for the SAS to have them, as Azure does and as Azurite does
 * for containers. Source: "Define a stored access policy".
 */
export function takePartialTablePolicies(): void {
  const mappers = require("azurite/dist/src/table/generated/artifacts/mappers.js");
  const { start, expiry, permission } = mappers.AccessPolicy.type.modelProperties;
  const { accessPolicy } = mappers.SignedIdentifier.type.modelProperties;
  for (const term of [start, expiry, permission, accessPolicy]) term.required = false;
  const handler = load("table/handlers/TableHandler").prototype;
  const own: Method = handler.setAccessPolicy;
  handler.setAccessPolicy = function (
    table: string,
    options: { tableAcl?: { accessPolicy?: AccessPolicy }[] },
    ...rest: unknown[]
  ) {
    for (const acl of options.tableAcl ?? []) acl.accessPolicy = { permission: "", ...acl.accessPolicy };
    return own.call(this, table, options, ...rest);
  };
}

/**
 * Says which permissions of a SAS let a caller seal an append blob and resize a page blob: write, as for the others
 * that change a blob. Azurite alone fails there, since it knows none. Source: "Create an account SAS", "Create a
 * service SAS", permissions by operation.
 */
export function completeSasPermissions(): void {
  const Operation = load("blob/generated/artifacts/operation");
  const service = require("azurite/dist/src/blob/authentication/OperationBlobSASPermission.js");
  for (const permissions of [
    load("blob/authentication/OperationAccountSASPermission"),
    service.OPERATION_BLOB_SAS_BLOB_PERMISSIONS,
    service.OPERATION_BLOB_SAS_CONTAINER_PERMISSIONS,
  ]) {
    const write = permissions.get(Operation.PageBlob_UpdateSequenceNumber);
    for (const name of ["AppendBlob_Seal", "PageBlob_Resize"]) permissions.set(Operation[name], write);
  }
}

/** Keeps a container to five stored access policies, as Azurite does a table. Source: "Define a stored access policy". */
export function limitStoredPolicies(): void {
  const handler = load("blob/handlers/ContainerHandler").prototype;
  const own: Method = handler.setAccessPolicy;
  handler.setAccessPolicy = async function (
    options: { containerAcl?: unknown[] },
    context: BlobContext,
    ...rest: unknown[]
  ) {
    if ((options.containerAcl?.length ?? 0) > 5) {
      const words = "XML specified is not syntactically valid.";
      throw new (load("blob/errors/StorageError"))(400, "InvalidXmlDocument", words, context.contextId);
    }
    return own.call(this, options, context, ...rest);
  };
}

/**
 * Reads a SAS with a stored access policy as Azure does: each field comes from the one or from the other, never
 * from both, and expiry and permissions from one of them. Azurite alone lets the policy replace all of the SAS's
 * own fields, so that a policy without an expiry would switch off the SAS's.
 * Source: "Define a stored access policy", and the service's own AuthenticationErrorDetail texts.
 */
export function combineStoredPolicies(): void {
  combine(
    load("blob/authentication/BlobSASAuthenticator").prototype,
    "getBlobSASSignatureValuesFromRequest",
    "getContainerAccessPolicyByIdentifier",
    (context, detail) =>
      load("blob/errors/StorageErrorFactory").getAuthenticationFailed(context.contextId, detail),
  );
  combine(
    load("table/authentication/TableSASAuthenticator").prototype,
    "getTableSASSignatureValuesFromRequest",
    "getTableAccessPolicyByIdentifier",
    (context, detail) => load("table/errors/StorageErrorFactory").getAuthenticationFailed(context, detail),
  );
}

function combine(
  authenticator: Record<string, Method>,
  readValues: string,
  readPolicy: string,
  failure: (context: { contextId: string }, detail: string) => Error,
): void {
  const signed = new WeakMap<object, SasValues>();
  const ownValues = authenticator[readValues]!;
  const ownPolicy = authenticator[readPolicy]!;
  authenticator[readValues] = function (...args) {
    const values = ownValues.apply(this, args) as SasValues | undefined;
    if (values) signed.set(args.at(-1) as object, values);
    return values;
  };
  authenticator[readPolicy] = async function (...args) {
    const context = args.at(-1) as { contextId: string };
    const values = signed.get(context) ?? {};
    const found = (await ownPolicy.apply(this, args)) as AccessPolicy | "" | undefined;
    if (found === undefined) return undefined;
    const policy = found || {};
    const pairs = [
      [policy.start, values.startTime],
      [policy.expiry, values.expiryTime],
      [policy.permission, values.permissions],
    ];
    if (pairs.some(([stored, own]) => stored && own)) {
      throw failure(
        context,
        "Access policy fields can be associated with signature or SAS identifier but not both",
      );
    }
    const combined = {
      start: policy.start || values.startTime,
      expiry: policy.expiry || values.expiryTime,
      permission: policy.permission || values.permissions,
    };
    if (!combined.expiry) {
      throw failure(context, "Signed expiry must be specified in signature or SAS identifier");
    }
    if (!combined.permission) {
      throw failure(context, "Signed permission must be specified in signature or SAS identifier");
    }
    return combined;
  };
}
