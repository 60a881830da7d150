import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import type { Draft } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";

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

/** A hub's properties as they are declared, as far as they are checked here. */
interface Declared {
  minTlsVersion?: string;
  networkRuleSets?: { defaultAction?: string };
  allowedFqdnList?: string[];
  enableFileUploadNotifications?: boolean;
  enableDataResidency?: boolean;
  eventHubEndpoints?: { events?: { partitionCount?: number; retentionTimeInDays?: number } };
  cloudToDevice?: { defaultTtlAsIso8601?: string; feedback?: Timings };
  messagingEndpoints?: { fileNotifications?: Timings };
  authorizationPolicies?: { keyName: string; rights: string }[];
  routing?: { routes?: Route[]; fallbackRoute?: Route; enrichments?: unknown[] };
}

/** Refuses the properties of a hub that Azure refuses, and those that this sandbox cannot act out. */
export function checkProperties(draft: Draft): void {
  const properties = draft.resource.properties as Declared;
  const { minTlsVersion, networkRuleSets, allowedFqdnList = [] } = properties;
  if (minTlsVersion !== undefined && minTlsVersion !== "1.2") {
    throw bad("InvalidMinTlsVersion", `minTlsVersion takes "1.2" only, not "${minTlsVersion}".`);
  }
  // A rule set that does not say denies: DefaultAction's default in the REST specification.
  if (networkRuleSets && networkRuleSets.defaultAction !== "Allow") {
    throw new NotInSandboxError("network rules that deny by default");
  }
  // "IoT Hub quotas and throttling", other limits.
  if (allowedFqdnList.length > 20) throw bad("InvalidAllowedFqdnList", "allowedFqdnList takes at most 20.");
  if (properties.enableFileUploadNotifications) {
    throw bad("InvalidStorageEndpoint", "File upload notifications need storageEndpoints, with $default.");
  }
  checkEvents(draft.resource, properties);
  checkTimes(properties);
  checkPolicies(properties.authorizationPolicies ?? []);
  checkRouting(properties.routing ?? {}, draft.resource.sku?.name === "F1" ? 5 : 100);
  checkFixed(draft, properties);
}

function checkEvents({ sku }: Resource, { eventHubEndpoints }: Declared): void {
  if (sku?.name !== "F1") return;
  const { partitionCount = 2, retentionTimeInDays = 1 } = eventHubEndpoints?.events ?? {};
  // Azure's own words, from iotedgedev issue 534. That a free hub keeps messages a day at most is from knowledge.
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

/** "Understand cloud-to-device messaging", configuration options; notifications of files are held to the same. */
function checkTimes({ cloudToDevice, messagingEndpoints }: Declared): void {
  const [second, minute, day] = [1000, 60_000, 24 * 3_600_000];
  const within = (name: string, duration: string | undefined, least: number, most: number) => {
    const ms = durationMs(duration ?? "");
    if (duration === undefined || (ms >= least && ms <= most)) return;
    throw bad(
      "InvalidDuration",
      `${name} takes ${least / second} to ${most / second} seconds, not ${duration}.`,
    );
  };
  within("cloudToDevice.defaultTtlAsIso8601", cloudToDevice?.defaultTtlAsIso8601, minute, 2 * day);
  const queues: [string, Timings | undefined][] = [
    ["cloudToDevice.feedback", cloudToDevice?.feedback],
    ["messagingEndpoints.fileNotifications", messagingEndpoints?.fileNotifications],
  ];
  for (const [name, queue] of queues) {
    within(`${name}.ttlAsIso8601`, queue?.ttlAsIso8601, minute, 2 * day);
    within(`${name}.lockDurationAsIso8601`, queue?.lockDurationAsIso8601, 5 * second, 300 * second);
  }
}

/** "IoT Hub quotas and throttling", other limits: 16 policies, 10 of them with ServiceConnect. */
function checkPolicies(policies: { keyName: string; rights: string }[]): void {
  const names = policies.map(({ keyName }) => keyName.toLowerCase());
  if (new Set(names).size < names.length) {
    throw bad("DuplicatePolicyName", "The names of shared access policies must differ.");
  }
  const connecting = policies.filter(({ rights }) => rights.includes("ServiceConnect"));
  if (policies.length > 16 || connecting.length > 10) {
    throw bad("TooManyPolicies", "A hub takes 16 shared access policies, 10 of them with ServiceConnect.");
  }
}

/** Only the built-in endpoint, events, is there: routes to other services are no inputs here. */
function checkRouting(
  { routes = [], fallbackRoute, enrichments = [] }: NonNullable<Declared["routing"]>,
  most: number,
): void {
  // "IoT Hub quotas and throttling", other limits.
  if (routes.length > most) throw bad("InvalidRoute", `The tier takes at most ${most} routes.`);
  const names = routes.map(({ name }) => name?.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw bad("InvalidRoute", `The route name '${twice}' is used twice.`);
  for (const route of [...routes, ...(fallbackRoute ? [fallbackRoute] : [])]) {
    const unknown = route.endpointNames.find((endpoint) => endpoint !== "events");
    // Azure's own words, from azure-cli issue 10637.
    if (unknown !== undefined) throw bad("400108", `EndpointName:${unknown} is not from a valid type.`);
    if (route.endpointNames.length === 0) {
      throw bad("InvalidRoute", `The route '${route.name ?? "$fallback"}' needs an endpoint.`);
    }
    if (!["", "true"].includes((route.condition ?? "").trim().toLowerCase())) {
      throw new NotInSandboxError(`routes with a condition such as ${route.condition}`);
    }
    if (route.source !== "DeviceMessages")
      throw new NotInSandboxError(`routes whose source is ${route.source}`);
  }
  if (enrichments.length > 0) throw new NotInSandboxError("message enrichments");
}

function checkFixed({ previous }: Draft, properties: Declared): void {
  if (!previous) return;
  const before = previous.properties as Declared;
  const partitions = (value: Declared) => value.eventHubEndpoints?.events?.partitionCount;
  const fixed: [string, unknown, unknown][] = [
    // The documentation disagrees with itself on changing it later, so the sandbox takes the stricter reading.
    ["minTlsVersion", properties.minTlsVersion, before.minTlsVersion],
    ["enableDataResidency", properties.enableDataResidency ?? false, before.enableDataResidency],
    [
      "eventHubEndpoints.events.partitionCount",
      partitions(properties) ?? partitions(before),
      partitions(before),
    ],
  ];
  for (const [name, now, then] of fixed) {
    if (now === then) continue;
    throw bad("PropertyCannotBeChanged", `properties.${name} is chosen at the hub's creation.`);
  }
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, code, message);
}
