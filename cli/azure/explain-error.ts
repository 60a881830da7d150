import { OperatorError } from "../lib/operator-error.ts";
import { inShell, quote } from "../lib/quote.ts";
import { t } from "../words/translate.ts";
import { firstLine, unreachableError } from "./network-errors.ts";
import { findServiceError, grant, serviceOf } from "./service-errors.ts";
import { signInError } from "./sign-in-errors.ts";

/** A permission that a call needs, on a resource. An administrator can grant it. */
export interface Permission {
  /** Name of the built-in role; undefined when only a custom role grants it. */
  role?: string;
  /** The actions that a custom role must allow. */
  actions?: string;
  /** Resource ID, or its name where `scopeCommand` prints the resource ID. */
  scope: string;
  /** A command that prints the resource ID, where only the name is known. Its arguments are quoted. */
  scopeCommand?: string;
  /** The Entra ID group whose members have the permission. */
  group: string;
  /** Object ID of the signed-in account; undefined before the first token. */
  caller: string | undefined;
}

/** The members that errors of the Azure SDKs have in common. */
interface ServiceFailure {
  statusCode?: number;
  code?: string;
  /** Holds storage's error code when the response has no body. */
  details?: { errorCode?: string };
  request?: { url: string };
  response?: { headers: { get(name: string): string | undefined } };
  message: string;
  name: string;
}

/**
 * Converts an error of an Azure service or SDK into an OperatorError: what was being done, the service's error code, and
 * the remedy of that code; for a missing permission the role with the command that grants it. Other errors are returned
 * unchanged.
 * @param doing For example "reading the account keys of examplefiles".
 * @param permission The permission that the call needs. It is evaluated after the call, when the caller is known.
 */
export function explain(error: unknown, doing: string, permission?: () => Permission): unknown {
  if (error instanceof OperatorError || !(error instanceof Error)) return error;
  const failure = error as ServiceFailure;
  if (/Authentication|CredentialUnavailable/.test(failure.name)) return signInError(error);
  const { statusCode: status } = failure;
  if (failure.name !== "RestError" && status === undefined) return error;
  if (status === undefined) return unreachableError(error, doing);
  const code = failure.code ?? failure.details?.errorCode ?? `HTTP ${status}`;
  const details = { code, cause: error };
  const message = t`${doing}: ${code}`;
  const known = findServiceError(code, serviceOf(failure.request?.url));
  if (known?.remedy === grant) {
    const remedy = permission ? grantRemedy(permission()) : grantUnknownRole();
    return new OperatorError("notAllowed", message, { ...details, remedy });
  }
  const retryAfter = failure.response?.headers.get("retry-after");
  const wait =
    retryAfter && /^\d+$/.test(retryAfter) ? [t`The service asks to wait ${retryAfter} seconds.`] : [];
  if (known)
    return new OperatorError(known.outcome, message, {
      ...details,
      remedy: [known.remedy(), ...wait].join(" "),
    });
  if (status === 401 || status === 403) {
    return new OperatorError("notAllowed", t`${message} (HTTP ${status}): ${firstLine(failure.message)}`, {
      ...details,
      remedy: t`Look the code up in the documentation of the service. A missing role has another code.`,
    });
  }
  if (status === 429 || status >= 500) {
    const remedy = [
      t`The service is busy or down. Run this again: it continues where it stopped.`,
      ...wait,
    ].join(" ");
    return new OperatorError("unreachable", message, { ...details, remedy });
  }
  return new OperatorError("failed", t`${message}: ${firstLine(failure.message)}`, details);
}

/** Awaits `work`, and throws its error as `explain` converts it. */
export async function explained<T>(
  work: Promise<T>,
  doing: string,
  permission?: () => Permission,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(error, doing, permission);
  }
}

/** The HTTP status of an error of the Azure SDKs; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return (error as ServiceFailure | undefined)?.statusCode;
}

const grantUnknownRole = () =>
  t`A role is missing. Ask an administrator to add you to the operators' group of the stack.`;

function grantRemedy(permission: Permission): string[] {
  const { role = "", actions, scope, scopeCommand, group } = permission;
  const caller = quote(permission.caller ?? "OBJECT_ID", "OBJECT_ID");
  const scopeArgument = scopeCommand ? `"$(${scopeCommand})"` : quote(scope, "RESOURCE_ID");
  const join = `  az ad group member add --group ${quote(group, "GROUP")} --member-id ${caller}`;
  const assign = `  az role assignment create --assignee ${caller} --role ${quote(role, "ROLE")} --scope ${scopeArgument}`;
  return [
    role
      ? t`Missing: the role "${role}" on ${scope}.`
      : t`Missing: a role that allows ${actions ?? ""} on ${scope}.`,
    t`Members of the group "${group}" have it. An administrator runs${inShell()}:`,
    join,
    ...(role ? [t`or, for this permission only:`, assign] : []),
    t`It takes about half a minute to take effect. After joining a group, sign in again.`,
  ];
}
