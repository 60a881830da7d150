import type { Connection } from "../../../proxy/service-endpoint.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { publicAccessNotPermitted, StorageError } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";
import type { Credential } from "./credentials.ts";
import { type SasPolicy, verifySasPolicy, verifySasTimes } from "./sas.ts";

/** The properties of a storage account that restrict its data plane. */
interface AccountProperties {
  /** Default TLS1_0, as in Azure. */
  minimumTlsVersion?: "TLS1_0" | "TLS1_1" | "TLS1_2" | "TLS1_3";
  /** Default true. */
  supportsHttpsTrafficOnly?: boolean;
  /** Default true. */
  allowSharedKeyAccess?: boolean;
  /** Default false. */
  allowBlobPublicAccess?: boolean;
  publicNetworkAccess?: string;
  networkAcls?: { defaultAction?: string };
  sasPolicy?: SasPolicy;
}

const tlsOrder = ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"];
const tlsNames = { TLSv1: "TLS1_0", "TLSv1.1": "TLS1_1", "TLSv1.2": "TLS1_2", "TLSv1.3": "TLS1_3" };

/**
 * Enforces the settings of the account, before the caller's rights are checked.
 * @param now Milliseconds since 1970.
 * @param log Receives a line for each SAS that violates a sasPolicy with the action Log.
 * @throws StorageError as Azure does.
 */
export function verifyAccountSettings(
  account: Resource,
  request: StorageRequest,
  connection: Connection,
  now: number,
  log: (line: string) => void,
): void {
  const properties = account.properties as AccountProperties;
  verifyTransport(properties, connection);
  verifyNetwork(properties);
  verifyKeyAccess(properties, request.credential);
  verifyPublicAccess(properties, request);
  if (request.credential.kind === "sas") {
    verifySasTimes(request.credential, now);
    verifySasPolicy(properties.sasPolicy, request.credential, (reason) => log(`${account.name}: ${reason}`));
  }
}

function verifyTransport(properties: AccountProperties, connection: Connection): void {
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

function verifyNetwork(properties: AccountProperties): void {
  // No network rule can match a client on this computer, so the default Deny rejects every request.
  if (properties.publicNetworkAccess !== "Disabled" && properties.networkAcls?.defaultAction !== "Deny")
    return;
  throw new StorageError(
    403,
    "AuthorizationFailure",
    "This request is not authorized to perform this operation.",
  );
}

function verifyKeyAccess(properties: AccountProperties, credential: Credential): void {
  const usesAccountKey = credential.kind === "sharedKey" || credential.kind === "sas";
  if (usesAccountKey && properties.allowSharedKeyAccess === false) {
    throw new StorageError(
      403,
      "KeyBasedAuthenticationNotPermitted",
      "Key based authentication is not permitted on this storage account.",
    );
  }
}

/** Rejects a request that makes a container public. */
function verifyPublicAccess(properties: AccountProperties, request: StorageRequest): void {
  if (properties.allowBlobPublicAccess === true || request.method !== "PUT") return;
  const access = request.headers["x-ms-blob-public-access"];
  if (access !== undefined && request.query.get("restype") === "container") throw publicAccessNotPermitted();
}
