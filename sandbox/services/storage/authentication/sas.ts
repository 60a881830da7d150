import { isServiceVersion } from "../service-version.ts";
import { authenticationFailed } from "../storage-error.ts";
import type { Service } from "../storage-request.ts";
import type { SasCredential } from "./credentials.ts";

/** The sasPolicy of a storage account. */
export interface SasPolicy {
  /** DD.HH:MM:SS */
  sasExpirationPeriod?: string;
  expirationAction?: "Log" | "Block";
}

/** Source: "Create a service SAS", accepted ISO 8601 UTC formats. Date.parse alone accepts other formats too. */
const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * Verifies the signed start and expiry of a SAS. Azurite verifies the signature, and the times of a stored access
 * policy.
 * @param now Milliseconds since 1970.
 * @throws StorageError 403
 */
export function verifySasTimes(sas: SasCredential, now: number): void {
  const [start, expiry] = [sas.start, sas.expiry].map((time) => {
    if (time === undefined) return undefined;
    return timePattern.test(time) ? Date.parse(time) : Number.NaN;
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

/** The order of the permissions in a service SAS. Source: "Create a service SAS", permissions for each resource. */
const permissionOrder = { blob: "racwdxltmeopi", table: "raud" };
/** The SDKs for Node and Python write these two in different places. */
const withoutOrder = "yf";

/**
 * Verifies the form of the signed version and permissions, which Azurite only signs. Azure refuses an unknown version
 * (azure-sdk-for-net issues 22489 and 51354), and permissions of a service SAS in another order. For an account SAS no
 * order is documented.
 * @param now Milliseconds since 1970.
 * @throws StorageError 403
 */
export function verifySasFields(
  service: Service,
  scope: SasCredential["scope"],
  query: URLSearchParams,
  now: number,
): void {
  const version = query.get("sv");
  const permissions = query.get("sp");
  const isValid =
    (version === null || isServiceVersion(version, now)) &&
    (!permissions || scope === "account" || isOrdered(permissions, permissionOrder[service]));
  if (!isValid) throw authenticationFailed("Signature fields not well formed.");
}

function isOrdered(permissions: string, order: string): boolean {
  const letters = [...permissions];
  const places = letters
    .filter((letter) => !withoutOrder.includes(letter))
    .map((letter) => order.indexOf(letter));
  const isSorted = places.every((place, i) => place > (places[i - 1] ?? -1));
  return isSorted && new Set(letters).size === letters.length;
}

/**
 * Enforces the account's SAS expiration policy: a SAS needs a signed start, and the time from start to expiry must not
 * exceed the period. The policy does not apply to a SAS with a stored access policy. Source: "Configure an expiration
 * policy for shared access signatures". The error code of Azure for the action Block is not documented.
 * @param log Receives the reason when a SAS violates a policy with the action Log.
 * @throws StorageError 403 when a SAS violates a policy with the action Block.
 */
export function verifySasPolicy(
  policy: SasPolicy | undefined,
  sas: SasCredential,
  log: (reason: string) => void,
): void {
  const period = policy?.sasExpirationPeriod;
  if (!period || sas.policy !== undefined) return;
  const validMs = Date.parse(sas.expiry ?? "") - Date.parse(sas.start ?? "");
  if (validMs <= toMilliseconds(period)) return;
  const reason =
    sas.start === undefined
      ? "The account's SAS expiration policy requires a signed start."
      : `The SAS is valid longer than the account's SAS expiration policy allows (${period}).`;
  if (policy.expirationAction === "Block") throw authenticationFailed(reason);
  log(reason);
}

/** @param period DD.HH:MM:SS */
function toMilliseconds(period: string): number {
  const [days, hours, minutes, seconds] = period.split(/[.:]/).map(Number);
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
}
