import type { Outcome } from "./exit-codes.ts";

/** A failure that is told to the operator in words, without a stack trace. It never holds a key. */
export class OperatorError extends Error {
  /** Decides the exit code. */
  readonly outcome: Exclude<Outcome, "done">;
  /** The service's own code, for example DeviceNotFound or AuthorizationPermissionMismatch. */
  readonly code: string | undefined;
  /** What to do about it, in one or a few sentences. */
  readonly remedy: string | undefined;

  constructor(
    outcome: Exclude<Outcome, "done">,
    message: string,
    details: { code?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "OperatorError";
    this.outcome = outcome;
    this.code = details.code;
    this.remedy = details.remedy;
  }
}

/** A right that a step needs: a role, on a resource, that an administrator can give. */
export interface Permission {
  /** The built-in role's name; left out where only a custom role will do. */
  role?: string;
  /** What the role must allow, where it is a custom one. */
  actions?: string;
  /** The resource's ID. */
  scope: string;
  /** The people's group whose members have it. */
  group: string;
  /** Object ID of who is signed in, when it is known. */
  caller: string | undefined;
}

/** What the Azure SDKs' errors have in common. */
interface ServiceFailure {
  statusCode?: number;
  code?: string;
  /** Where storage's code is when the answer has no body. */
  details?: { errorCode?: string };
  message: string;
  name: string;
}

/**
 * Puts what an Azure service or SDK threw into the operator's words: what was being done, the service's code, and
 * for a refusal the role that is missing with the command that grants it. An error that is neither the service's nor
 * the network's comes back as it is.
 * @param doing For example "reading the account keys of examplefiles".
 * @param permission The right that was needed; asked only after a refusal, when the caller is known.
 */
export function explain(error: unknown, doing: string, permission?: () => Permission): unknown {
  if (error instanceof OperatorError || !(error instanceof Error)) return error;
  const failure = error as ServiceFailure;
  if (/Authentication|CredentialUnavailable/.test(failure.name)) return notSignedIn(error);
  if (failure.name !== "RestError" && failure.statusCode === undefined) return error;
  const code =
    failure.code ??
    failure.details?.errorCode ??
    (failure.statusCode ? `HTTP ${failure.statusCode}` : undefined);
  const told = { code, cause: error };
  const because = `${doing}: ${code ?? "no answer"}`;
  const status = failure.statusCode;
  // An IoT Hub answers a missing role with 401 IotHubUnauthorizedAccess; the other services with 403.
  if (permission && (status === 403 || code?.startsWith("IotHubUnauthorized"))) {
    return new OperatorError("notAllowed", because, { ...told, remedy: grant(permission()) });
  }
  if (status === 401 || status === 403) return new OperatorError("notAllowed", because, told);
  if (status === undefined || status === 429 || status >= 500) {
    const remedy =
      status === undefined
        ? networkRemedy
        : "The service is busy or down. Run this again: it continues where it stopped.";
    const network = status === undefined ? `${because} (${firstLine(failure.message)})` : because;
    return new OperatorError("unreachable", network, { ...told, remedy });
  }
  return new OperatorError("failed", `${because}: ${firstLine(failure.message)}`, told);
}

const networkRemedy = "Check the network, HTTPS_PROXY and NODE_EXTRA_CA_CERTS, and run this again.";

/** Runs `work`; what it throws is put into words as `explain` does. */
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

function notSignedIn(cause: Error): OperatorError {
  if (cause.message.includes("network_error")) {
    return new OperatorError("unreachable", "signing in to Azure: no answer", {
      remedy: networkRemedy,
      cause,
    });
  }
  const reason = /AADSTS\d+/.exec(cause.message)?.[0];
  return new OperatorError("notAllowed", `not signed in to Azure${reason ? `: ${reason}` : ""}`, {
    code: reason,
    remedy:
      "Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. Behind a proxy, set HTTPS_PROXY too.",
    cause,
  });
}

function grant({ role, actions, scope, group, caller = "OBJECT_ID" }: Permission): string {
  const join = `  az ad group member add --group "${group}" --member-id ${caller}`;
  const assign = `  az role assignment create --assignee ${caller} --role "${role}" --scope ${scope}`;
  return [
    `Missing: ${role ? `the role "${role}"` : `a role that allows ${actions}`} on ${scope}.`,
    `Members of the group "${group}" have it. An administrator runs:`,
    join,
    ...(role ? ["or, for this one right:", assign] : []),
    "It takes about half a minute to work; after joining a group, sign in again.",
  ].join("\n");
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/[?&](sig|sv|se|st|sp|si)=\S*/g, "").slice(0, 300);
}
