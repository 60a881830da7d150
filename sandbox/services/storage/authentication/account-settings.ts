import type { Connection } from "../../../proxy/service-endpoint.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { authenticationFailed, StorageError } from "../storage-error.ts";
import type { Credential, StorageRequest } from "../storage-request.ts";

/** The properties of a storage account that decide what its data plane takes, as ARM has them. */
interface AccountProperties {
  /** TLS1_0 when left out, which is what Azure reads it as. */
  minimumTlsVersion?: "TLS1_0" | "TLS1_1" | "TLS1_2" | "TLS1_3";
  /** Default true. */
  supportsHttpsTrafficOnly?: boolean;
  /** Default true. */
  allowSharedKeyAccess?: boolean;
  /** Default false. */
  allowBlobPublicAccess?: boolean;
  publicNetworkAccess?: string;
  networkAcls?: { defaultAction?: string };
  sasPolicy?: { sasExpirationPeriod?: string; expirationAction?: "Log" | "Block" };
}

const tlsOrder = ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"];
const tlsNames = { TLSv1: "TLS1_0", "TLSv1.1": "TLS1_1", "TLSv1.2": "TLS1_2", "TLSv1.3": "TLS1_3" };

/**
 * Refuses what the account's settings refuse, before anybody's rights are looked at.
 * @param warn Told of a SAS that is out of a policy which only logs.
 * @throws StorageError in Azure's words.
 */
export function checkAccount(
  account: Resource,
  request: StorageRequest,
  connection: Connection,
  now: number,
  warn: (line: string) => void,
): void {
  const properties = account.properties as AccountProperties;
  checkTransport(properties, connection);
  checkNetwork(properties);
  checkCredential(properties, request.credential);
  checkPublicAccess(properties, request);
  if (request.credential.kind === "sas") {
    checkSasTimes(request.credential, now);
    checkSasPolicy(properties, request.credential, (reason) => warn(`${account.name}: ${reason}`));
  }
}

function checkTransport(properties: AccountProperties, connection: Connection): void {
  if (connection.tls === undefined) {
    if (properties.supportsHttpsTrafficOnly === false) return;
    throw new StorageError(400, "AccountRequiresHttps", "The account being accessed does not support http.");
  }
  const used = tlsOrder.indexOf(tlsNames[connection.tls]);
  if (used < tlsOrder.indexOf(properties.minimumTlsVersion ?? "TLS1_0")) {
    throw new StorageError(
      400,
      "TlsVersionNotPermitted",
      "The TLS version of the connection is not permitted on this storage account.",
    );
  }
}

function checkNetwork(properties: AccountProperties): void {
  // No network rule can match this computer, so a default of Deny shuts everybody out.
  if (properties.publicNetworkAccess !== "Disabled" && properties.networkAcls?.defaultAction !== "Deny")
    return;
  throw new StorageError(
    403,
    "AuthorizationFailure",
    "This request is not authorized to perform this operation.",
  );
}

function checkCredential(properties: AccountProperties, credential: Credential): void {
  const byKey = credential.kind === "sharedKey" || credential.kind === "sas";
  if (byKey && properties.allowSharedKeyAccess === false) {
    throw new StorageError(
      403,
      "KeyBasedAuthenticationNotPermitted",
      "Key based authentication is not permitted on this storage account.",
    );
  }
}

function checkPublicAccess(properties: AccountProperties, request: StorageRequest): void {
  if (properties.allowBlobPublicAccess === true) return;
  const asked = request.headers["x-ms-blob-public-access"];
  const opening = asked !== undefined && request.query.get("restype") === "container";
  if (opening && request.method === "PUT") {
    throw new StorageError(
      409,
      "PublicAccessNotPermitted",
      "Public access is not permitted on this storage account.",
    );
  }
}

/** Source: "Create a service SAS", accepted ISO 8601 UTC formats. Date.parse alone takes anything like a date. */
const sasTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function checkSasTimes(sas: Credential & { kind: "sas" }, now: number): void {
  const [start, expiry] = [sas.start, sas.expiry].map((time) => {
    if (time === undefined) return undefined;
    return sasTime.test(time) ? Date.parse(time) : Number.NaN;
  });
  if (Number.isNaN(start) || Number.isNaN(expiry)) {
    throw authenticationFailed("Signature fields not well formed.");
  }
  if ((start !== undefined && now < start) || (expiry !== undefined && now >= expiry)) {
    const interval = `Start [${sas.start ?? ""}] - Expiry [${sas.expiry ?? ""}]`;
    throw authenticationFailed(
      `Signature not valid in the specified time frame: ${interval} - Current [${new Date(now).toUTCString()}]`,
    );
  }
}

/**
 * The account's SAS expiration policy: a start is required, and expiry less start must be within the period. It
 * does not see a SAS with a stored access policy. Source: "Configure an expiration policy for shared access
 * signatures"; the code that Azure answers with Block is not documented.
 */
function checkSasPolicy(
  properties: AccountProperties,
  sas: Credential & { kind: "sas" },
  warn: (reason: string) => void,
): void {
  const period = properties.sasPolicy?.sasExpirationPeriod;
  if (!period || sas.policy !== undefined) return;
  const interval = Date.parse(sas.expiry ?? "") - Date.parse(sas.start ?? "");
  if (interval <= periodMs(period)) return;
  const reason =
    sas.start === undefined
      ? "The account's SAS expiration policy requires a signed start."
      : `The SAS is valid longer than the account's SAS expiration policy allows (${period}).`;
  if (properties.sasPolicy?.expirationAction === "Block") throw authenticationFailed(reason);
  warn(reason);
}

/** Milliseconds of DD.HH:MM:SS. */
function periodMs(period: string): number {
  const [days, hours, minutes, seconds] = period.split(/[.:]/).map(Number);
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
}
