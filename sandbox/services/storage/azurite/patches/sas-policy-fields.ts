// Patches Azurite's private classes BlobSASAuthenticator and TableSASAuthenticator at run time: they replace all fields
// of a SAS by those of its stored access policy, so that a policy without an expiry removes the expiry of the SAS.
import { loadClass, type Method } from "../load-module.ts";

interface AccessPolicy {
  start?: string;
  expiry?: string;
  permission?: string;
}
interface SasFields {
  startTime?: string;
  expiryTime?: string;
  permissions?: string;
}

/** The methods of a SAS authenticator to patch, and how it creates an error. */
interface AuthenticatorMethods {
  readSasFields: string;
  readStoredPolicy: string;
  createError(context: { contextId: string }, detail: string): Error;
}

/**
 * Combines a SAS and its stored access policy as Azure does: either of them contains a field, never both, and one of
 * them must contain the expiry and the permissions.
 * Source: "Define a stored access policy", and the AuthenticationErrorDetail texts of the service.
 */
export function combineSasWithPolicy(): void {
  patchAuthenticator(loadClass("blob/authentication/BlobSASAuthenticator").prototype, {
    readSasFields: "getBlobSASSignatureValuesFromRequest",
    readStoredPolicy: "getContainerAccessPolicyByIdentifier",
    createError: (context, detail) =>
      loadClass("blob/errors/StorageErrorFactory").getAuthenticationFailed(context.contextId, detail),
  });
  patchAuthenticator(loadClass("table/authentication/TableSASAuthenticator").prototype, {
    readSasFields: "getTableSASSignatureValuesFromRequest",
    readStoredPolicy: "getTableAccessPolicyByIdentifier",
    createError: (context, detail) =>
      loadClass("table/errors/StorageErrorFactory").getAuthenticationFailed(context, detail),
  });
}

function patchAuthenticator(authenticator: Record<string, Method>, methods: AuthenticatorMethods): void {
  /** The fields of the SAS by request context. Azurite reads them before the policy. */
  const fieldsByContext = new WeakMap<object, SasFields>();
  const readSasFields = authenticator[methods.readSasFields]!;
  const readStoredPolicy = authenticator[methods.readStoredPolicy]!;
  authenticator[methods.readSasFields] = function (...args) {
    const fields = readSasFields.apply(this, args) as SasFields | undefined;
    if (fields) fieldsByContext.set(args.at(-1) as object, fields);
    return fields;
  };
  authenticator[methods.readStoredPolicy] = async function (...args) {
    const context = args.at(-1) as { contextId: string };
    const policy = (await readStoredPolicy.apply(this, args)) as AccessPolicy | "" | undefined;
    if (policy === undefined) return undefined;
    return combine(fieldsByContext.get(context) ?? {}, policy || {}, (detail) =>
      methods.createError(context, detail),
    );
  };
}

function combine(sas: SasFields, policy: AccessPolicy, createError: (detail: string) => Error): AccessPolicy {
  const pairs = [
    [policy.start, sas.startTime],
    [policy.expiry, sas.expiryTime],
    [policy.permission, sas.permissions],
  ];
  if (pairs.some(([inPolicy, inSas]) => inPolicy && inSas)) {
    throw createError("Access policy fields can be associated with signature or SAS identifier but not both");
  }
  const combined = {
    start: policy.start || sas.startTime,
    expiry: policy.expiry || sas.expiryTime,
    permission: policy.permission || sas.permissions,
  };
  if (!combined.expiry) throw createError("Signed expiry must be specified in signature or SAS identifier");
  if (!combined.permission) {
    throw createError("Signed permission must be specified in signature or SAS identifier");
  }
  return combined;
}
