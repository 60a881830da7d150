import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import type { Draft } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { isKey } from "../registry/identity.ts";

interface Route {
  name?: string;
  source: string;
  condition?: string;
  endpointNames: string[];
}

interface Timings {
  ttlAsIso8601?: string;
  lockDurationAsIso8601?: string;
}

interface DeclaredPolicy {
  keyName: string;
  rights: string;
  primaryKey?: string;
  secondaryKey?: string;
}

/** The declared properties of a hub that are checked here. */
interface HubProperties {
  minTlsVersion?: string;
  networkRuleSets?: { defaultAction?: string };
  allowedFqdnList?: string[];
  enableFileUploadNotifications?: boolean;
  enableDataResidency?: boolean;
  eventHubEndpoints?: { events?: { partitionCount?: number; retentionTimeInDays?: number } };
  cloudToDevice?: { defaultTtlAsIso8601?: string; feedback?: Timings };
  messagingEndpoints?: { fileNotifications?: Timings };
  authorizationPolicies?: DeclaredPolicy[];
  routing?: { routes?: Route[]; fallbackRoute?: Route; enrichments?: unknown[] };
}

/** Refuses the properties of a hub that Azure refuses, and those that the sandbox does not support. */
export function checkProperties(draft: Draft): void {
  const properties = draft.resource.properties as HubProperties;
  const { minTlsVersion, networkRuleSets, allowedFqdnList = [] } = properties;
  if (minTlsVersion !== undefined && minTlsVersion !== "1.2") {
    throw bad("InvalidMinTlsVersion", `minTlsVersion must be "1.2", not "${minTlsVersion}".`);
  }
  // The default of defaultAction is Deny: REST specification.
  if (networkRuleSets && networkRuleSets.defaultAction !== "Allow") {
    throw new NotInSandboxError("network rules that deny by default");
  }
  // "IoT Hub quotas and throttling", other limits.
  if (allowedFqdnList.length > 20)
    throw bad("InvalidAllowedFqdnList", "allowedFqdnList can have at most 20 hosts.");
  if (properties.enableFileUploadNotifications) {
    throw bad("InvalidStorageEndpoint", "File upload notifications need storageEndpoints with $default.");
  }
  checkEvents(draft.resource, properties);
  checkTimes(properties);
  checkPolicies(properties.authorizationPolicies ?? []);
  checkRouting(properties.routing ?? {}, draft.resource.sku?.name === "F1" ? 5 : 100);
  checkImmutable(draft, properties);
}

function checkEvents({ sku }: Resource, { eventHubEndpoints }: HubProperties): void {
  if (sku?.name !== "F1") return;
  const { partitionCount = 2, retentionTimeInDays = 1 } = eventHubEndpoints?.events ?? {};
  // Azure's message, from iotedgedev issue 534. The limit of one day for a free hub is from experience.
  if (partitionCount !== 2) {
    throw bad("400016", `Invalid PartitionCount ${partitionCount} - value must be between 2 and 2.`);
  }
  if (retentionTimeInDays !== 1) {
    throw bad(
      "400016",
      `Invalid RetentionTimeInDays ${retentionTimeInDays} - value must be between 1 and 1.`,
    );
  }
}

/** "Understand cloud-to-device messaging", configuration options. File notifications have the same limits here. */
function checkTimes({ cloudToDevice, messagingEndpoints }: HubProperties): void {
  const [second, minute, day] = [1000, 60_000, 24 * 3_600_000];
  const check = (name: string, duration: string | undefined, minMs: number, maxMs: number) => {
    const ms = durationMs(duration ?? "");
    if (duration === undefined || (ms >= minMs && ms <= maxMs)) return;
    throw bad(
      "InvalidDuration",
      `${name} must be from ${minMs / second} to ${maxMs / second} seconds, not ${duration}.`,
    );
  };
  check("cloudToDevice.defaultTtlAsIso8601", cloudToDevice?.defaultTtlAsIso8601, minute, 2 * day);
  const queues: [string, Timings | undefined][] = [
    ["cloudToDevice.feedback", cloudToDevice?.feedback],
    ["messagingEndpoints.fileNotifications", messagingEndpoints?.fileNotifications],
  ];
  for (const [name, queue] of queues) {
    check(`${name}.ttlAsIso8601`, queue?.ttlAsIso8601, minute, 2 * day);
    check(`${name}.lockDurationAsIso8601`, queue?.lockDurationAsIso8601, 5 * second, 300 * second);
  }
}

/** "IoT Hub quotas and throttling", other limits: 16 policies, 10 of them with ServiceConnect. */
function checkPolicies(policies: DeclaredPolicy[]): void {
  const names = policies.map(({ keyName }) => keyName.toLowerCase());
  if (new Set(names).size < names.length) {
    throw bad("DuplicatePolicyName", "The names of shared access policies must differ.");
  }
  const connecting = policies.filter(({ rights }) => rights.includes("ServiceConnect"));
  if (policies.length > 16 || connecting.length > 10) {
    throw bad("TooManyPolicies", "A hub can have 16 shared access policies, 10 of them with ServiceConnect.");
  }
  for (const { keyName, primaryKey, secondaryKey } of policies) {
    if ([primaryKey, secondaryKey].every((key) => !key || isKey(key))) continue;
    // The form of keys is that of device keys. The code is inferred.
    throw bad("InvalidPolicyKey", `A key of the policy '${keyName}' is not base64 of 16 to 64 bytes.`);
  }
}

/** The sandbox has the built-in endpoint `events` only: endpoints of other services cannot be declared. */
function checkRouting(
  { routes = [], fallbackRoute, enrichments = [] }: NonNullable<HubProperties["routing"]>,
  maxRoutes: number,
): void {
  // "IoT Hub quotas and throttling", other limits.
  if (routes.length > maxRoutes) {
    throw bad("InvalidRoute", `A hub of this tier can have at most ${maxRoutes} routes.`);
  }
  const names = routes.map(({ name }) => name?.toLowerCase());
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw bad("InvalidRoute", `The route name '${duplicate}' is used twice.`);
  for (const route of [...routes, ...(fallbackRoute ? [fallbackRoute] : [])]) {
    const unknown = route.endpointNames.find((endpoint) => endpoint !== "events");
    // Azure's message, from azure-cli issue 10637.
    if (unknown !== undefined) throw bad("400108", `EndpointName:${unknown} is not from a valid type.`);
    if (route.endpointNames.length === 0) {
      throw bad("InvalidRoute", `The route '${route.name ?? "$fallback"}' needs an endpoint.`);
    }
    if (!["", "true"].includes((route.condition ?? "").trim().toLowerCase())) {
      throw new NotInSandboxError(`routes with a condition such as ${route.condition}`);
    }
    if (route.source !== "DeviceMessages")
      throw new NotInSandboxError(`routes of the source ${route.source}`);
  }
  if (enrichments.length > 0) throw new NotInSandboxError("message enrichments");
}

/** Refuses changes of properties that are chosen at the hub's creation. */
function checkImmutable({ previous }: Draft, properties: HubProperties): void {
  if (!previous) return;
  const before = previous.properties as HubProperties;
  const partitions = (value: HubProperties) => value.eventHubEndpoints?.events?.partitionCount;
  const immutable: [string, unknown, unknown][] = [
    ["enableDataResidency", properties.enableDataResidency ?? false, before.enableDataResidency],
    [
      "eventHubEndpoints.events.partitionCount",
      partitions(properties) ?? partitions(before),
      partitions(before),
    ],
  ];
  for (const [name, now, then] of immutable) {
    if (now === then) continue;
    throw bad(
      "PropertyCannotBeChanged",
      `properties.${name} cannot be changed: it is chosen at the hub's creation.`,
    );
  }
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, code, message);
}
