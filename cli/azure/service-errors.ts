import type { Outcome } from "../lib/exit-codes.ts";
import { t } from "../words/translate.ts";

/** The services whose error codes are known here. */
export type Service = "IoT Hub" | "storage" | "Resource Manager" | "Log Analytics";

/** What an error code of a service means to an operator. */
export interface ServiceError {
  service: Service;
  /** The codes, as the service writes them. Upper and lower case are the same. */
  codes: readonly string[];
  outcome: Extract<Outcome, "notAllowed" | "unreachable" | "failed">;
  /** `grant` when the role is missing: then the remedy is the commands that grant it. */
  remedy: typeof grant | (() => string);
}

/** Host of the Log Analytics query API. Source: azure-monitor/logs/api/azure-resource-queries. */
export const logAnalyticsHost = "api.loganalytics.azure.com";

/** Marks codes of a missing role. */
export const grant = "grant" as const;

const later = () => t`Run this again later: it continues where it stopped.`;

/**
 * The error codes of 401, 403, 409 and 429 that have a remedy of their own. Sources, all of Microsoft's documentation:
 * - IoT Hub: "Understand and resolve Azure IoT Hub errors", "IoT Hub API common error codes", "IoT Hub quotas and
 *   throttling", "Use IP filters" (a filter answers 401 and does not mention the rule).
 * - storage: "Common REST API error codes", "Shared access signature error codes", "Troubleshoot 403 errors".
 * - Log Analytics: "Querying logs for Azure resources".
 * - Resource Manager: "Troubleshoot common Azure deployment errors", "Understand how Azure Resource Manager throttles
 *   requests", "Lock your resources", "Common error codes for Storage Resource Provider".
 */
export const serviceErrors: readonly ServiceError[] = [
  {
    service: "Log Analytics",
    codes: ["InsufficientAccessError", "AuthorizationFailedError"],
    outcome: "notAllowed",
    remedy: grant,
  },
  {
    service: "IoT Hub",
    codes: ["IotHubUnauthorizedAccess", "IotHubUnauthorized", "401002", "401003"],
    outcome: "notAllowed",
    remedy: grant,
  },
  {
    service: "IoT Hub",
    codes: ["IotHubQuotaExceeded", "403002"],
    outcome: "unreachable",
    remedy: () =>
      t`The IoT Hub's messages of this day are used up. Wait until 00:00 UTC, or raise \`hubUnits\` of the stack and run \`npm run pulumi -- up\`. Then run this again: it continues.`,
  },
  {
    service: "IoT Hub",
    codes: ["JobQuotaExceeded", "403003"],
    outcome: "unreachable",
    remedy: () =>
      t`The IoT Hub runs one import or export job at a time. Wait for the other job to end, and run this again.`,
  },
  {
    service: "IoT Hub",
    codes: ["DeviceMaximumQueueDepthExceeded", "403004"],
    outcome: "failed",
    remedy: () =>
      t`The terminal has too many messages that it did not receive. Check that it is connected, and run this again.`,
  },
  {
    service: "IoT Hub",
    codes: ["OperationNotAvailableInCurrentTier", "403010"],
    outcome: "failed",
    remedy: () => t`The IoT Hub's tier does not have this operation. Deploy a standard tier (S1, S2 or S3).`,
  },
  {
    service: "IoT Hub",
    codes: ["IpNotAllowed"],
    outcome: "notAllowed",
    remedy: () =>
      t`The IoT Hub's network rules do not allow the address of this computer. Use an allowed network, or ask an administrator to allow the address.`,
  },
  {
    service: "IoT Hub",
    codes: [
      "ThrottlingException",
      "ThrottlingBacklogTimeout",
      "ThrottleBacklogLimitExceeded",
      "ThrottlingMaxActiveJobCountExceeded",
      "429001",
      "429002",
      "429003",
      "429004",
    ],
    outcome: "unreachable",
    remedy: () => t`Other programs use the throttle of the IoT Hub. ${later()}`,
  },
  {
    service: "storage",
    codes: ["AuthorizationPermissionMismatch"],
    outcome: "notAllowed",
    remedy: grant,
  },
  {
    service: "storage",
    codes: ["AuthorizationFailure", "IpAuthorizationError", "AuthorizationSourceIPMismatch"],
    outcome: "notAllowed",
    remedy: () =>
      t`The network rules of the storage account do not allow this computer: no role changes that. Use an allowed network or VPN, or ask an administrator to check the account's networking (public network access, firewall).`,
  },
  {
    service: "storage",
    codes: ["KeyBasedAuthenticationNotPermitted"],
    outcome: "notAllowed",
    remedy: () =>
      t`The storage account forbids account keys (allowSharedKeyAccess), which file links need. Check what changed it: an Azure Policy or a person. Then run \`npm run pulumi -- up\`.`,
  },
  {
    service: "storage",
    codes: ["AuthenticationFailed"],
    outcome: "notAllowed",
    remedy: () =>
      t`Storage rejects the signature. Check this computer's clock: it may differ by 15 minutes at most. If an account key was renewed just now, run this again in a minute.`,
  },
  {
    service: "storage",
    codes: ["InvalidAuthenticationInfo", "NoAuthenticationInformation"],
    outcome: "notAllowed",
    remedy: () =>
      t`Storage rejects the token. Check that you are signed in to the tenant of the stack (\`az account show\`), and sign in again.`,
  },
  {
    service: "storage",
    codes: ["AccountIsDisabled"],
    outcome: "notAllowed",
    remedy: () =>
      t`The storage account is disabled, mostly because its Azure subscription is. Ask the owner of the subscription to enable it.`,
  },
  {
    service: "storage",
    codes: ["InsufficientAccountPermissions"],
    outcome: "notAllowed",
    remedy: () =>
      t`Reading or writing is disabled for the whole storage account, for example during a failover or for a disabled subscription. Ask the owner of the subscription.`,
  },
  {
    service: "storage",
    codes: [
      "AuthorizationProtocolMismatch",
      "AccountRequiresHttps",
      "AuthorizationServiceMismatch",
      "AuthorizationResourceTypeMismatch",
    ],
    outcome: "failed",
    remedy: () =>
      t`The storage account does not accept this kind of request. Report the code to the maintainers.`,
  },
  {
    service: "storage",
    codes: ["ServerBusy", "OperationTimedOut", "TooManyRequests"],
    outcome: "unreachable",
    remedy: () => t`The storage account is busy. ${later()}`,
  },
  {
    service: "Resource Manager",
    codes: ["AuthorizationFailed", "LinkedAuthorizationFailed"],
    outcome: "notAllowed",
    remedy: grant,
  },
  {
    service: "Resource Manager",
    codes: ["RequestDisallowedByPolicy", "RequestDisallowedByAzure"],
    outcome: "notAllowed",
    remedy: () =>
      t`An Azure Policy of your organisation, or Azure itself, forbids it: no role changes that. \`az policy state list\` names policies; ask their owner for an exemption.`,
  },
  {
    service: "Resource Manager",
    codes: ["DenyAssignmentAuthorizationFailed"],
    outcome: "notAllowed",
    remedy: () =>
      t`A deny assignment forbids it: no role changes that. Ask the owner of the subscription to check the deny assignments.`,
  },
  {
    service: "Resource Manager",
    codes: ["ReadOnlyDisabledSubscription", "SubscriptionDisabled", "DisabledSubscription"],
    outcome: "notAllowed",
    remedy: () =>
      t`The Azure subscription is disabled or read-only. Ask its owner to enable it, for example by paying an open bill.`,
  },
  {
    service: "Resource Manager",
    codes: ["ScopeLocked"],
    outcome: "failed",
    remedy: () =>
      t`A lock protects the resource. \`az lock list\` names it; ask the administrator who set it to remove it, and run this again.`,
  },
  {
    service: "Resource Manager",
    codes: [
      "AuthenticationFailed",
      "InvalidAuthenticationToken",
      "ExpiredAuthenticationToken",
      "InvalidAuthenticationTokenTenant",
    ],
    outcome: "notAllowed",
    remedy: () =>
      t`Sign in again, to the tenant of the stack: \`az login --tenant TENANT\`. Check this computer's clock too.`,
  },
  {
    service: "Resource Manager",
    codes: [
      "TooManyRequests",
      "SubscriptionRequestsThrottled",
      "TenantRequestsThrottled",
      "ResourceRequestsThrottled",
      "ResourceCollectionRequestsThrottled",
    ],
    outcome: "unreachable",
    remedy: () =>
      t`Too many requests of all programs that use this Azure subscription. Wait for the time below, or some minutes. ${later()}`,
  },
  {
    service: "Resource Manager",
    codes: ["Conflict", "AnotherOperationInProgress", "StorageAccountOperationInProgress", "ServiceLocked"],
    outcome: "unreachable",
    remedy: () => t`Another operation changes the resource at the moment. ${later()}`,
  },
];

const byCode = new Map(
  serviceErrors.flatMap((known) =>
    known.codes.map((code) => [`${known.service} ${code}`.toLowerCase(), known] as const),
  ),
);

/** The meaning of an error code. @param service Undefined when the service is not known: then the first one that has the code. */
export function findServiceError(
  code: string | undefined,
  service: Service | undefined,
): ServiceError | undefined {
  if (code === undefined) return undefined;
  if (service) return byCode.get(`${service} ${code}`.toLowerCase());
  const wanted = code.toLowerCase();
  return serviceErrors.find(({ codes }) => codes.some((known) => known.toLowerCase() === wanted));
}

/** The service at a URL; undefined for any other host. */
export function serviceOf(url: string | undefined): Service | undefined {
  const host = URL.parse(url ?? "")?.hostname ?? "";
  if (host.endsWith(".azure-devices.net")) return "IoT Hub";
  if (/\.(blob|table)\.core\.windows\.net$/.test(host)) return "storage";
  if (host === logAnalyticsHost) return "Log Analytics";
  return host === "management.azure.com" ? "Resource Manager" : undefined;
}
