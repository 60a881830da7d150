import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { durationMs } from "../../resource-manager/duration.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { eventsHost } from "./resource-types/iot-hub.ts";
import type { Sku } from "./tiers.ts";

const hubType = "Microsoft.Devices/IotHubs";

/** A declared hub with the settings that its data plane needs. */
export interface Hub {
  name: string;
  /** The key of its rows in the store: its name, which is globally unique, in lower case. */
  key: string;
  /** The name under which the client reaches it, in lower case: see `hubHosts`. Tokens must be for this name. */
  host: string;
  /** Whether this name serves devices only, and not the service API. */
  isForDevices: boolean;
  /** The scope of its data actions. */
  resourceId: string;
  sku: Sku;
  units: number;
  /** Whether shared access policies of the hub can sign in (disableLocalAuth is not set). */
  localAuth: boolean;
  /** Whether devices can sign in with their keys (disableDeviceSAS is not set). */
  deviceSas: boolean;
  policies: SharedAccessPolicy[];
  cloudToDevice: CloudToDeviceSettings;
  /** Whether the hub accepts calls from the internet. The sandbox has no private endpoints. */
  publicAccess: boolean;
  /** The only hosts to which the hub itself may send, in lower case; undefined for any host. */
  outboundHosts: string[] | undefined;
  /** Whether telemetry reaches the built-in endpoint: a route leads there, and the hub may send to it. */
  deliversEvents: boolean;
  /** The built-in endpoint. */
  events: EventsEndpoint;
}

/** The Event Hubs-compatible endpoint of a hub. */
export interface EventsEndpoint {
  /** The name under which clients reach it, in lower case. */
  host: string;
  /** The name of its event hub. */
  path: string;
  partitions: number;
  retentionMs: number;
}

/** A shared access policy of a hub. Its keys are in ./policy-keys.ts. */
export interface SharedAccessPolicy {
  keyName: string;
  /** As Resource Manager has them, for example "RegistryRead, ServiceConnect". */
  rights: string;
}

/** Settings of cloud-to-device messages. Defaults: one hour, ten deliveries, a lock of 60 seconds on feedback. */
export interface CloudToDeviceSettings {
  defaultTtlMs: number;
  maxDeliveryCount: number;
  feedbackTtlMs: number;
  feedbackMaxDeliveryCount: number;
  feedbackLockMs: number;
}

/**
 * The host names of a hub. Azure gives every hub name.azure-devices.net, and for devices name.device.azure-devices.net with
 * TLS 1.3 (preview). Source: iot-hub/iot-hub-devguide-endpoints, iot-hub/iot-hub-tls-support. The third name, for the
 * service side, is not in the sandbox.
 */
function hubHosts(name: string): { host: string; isForDevices: boolean }[] {
  const key = name.toLowerCase();
  return [
    { host: `${key}.azure-devices.net`, isForDevices: false },
    { host: `${key}.device.azure-devices.net`, isForDevices: true },
  ];
}

/** The hubs that exist now, by host name. */
export class Hubs {
  private readonly azure: AzureEnvironment;
  private byName: Map<string, Hub> | undefined;
  private byEventsHost: Map<string, Hub> | undefined;

  /** @param on Called after a hub's resource was deleted, or was created or changed. */
  constructor(
    azure: AzureEnvironment,
    on: { deleted?: (hub: Hub) => void; changed?: (hub: Hub) => void } = {},
  ) {
    this.azure = azure;
    const isHub = (resource: Resource) => resource.type.toLowerCase() === hubType.toLowerCase();
    azure.resources.on("put", (resource) => {
      if (!isHub(resource)) return;
      for (const hub of toHubs(resource)) {
        // Open connections keep their Hub object, so update it in place.
        const known = this.byName?.get(hub.host);
        if (known) Object.assign(known, hub);
        else this.byName = undefined;
      }
      this.byEventsHost = undefined;
      on.changed?.(toHub(resource));
    });
    azure.resources.on("delete", (resource) => {
      if (!isHub(resource)) return;
      this.byName = undefined;
      this.byEventsHost = undefined;
      on.deleted?.(toHub(resource));
    });
  }

  at(host: string): Hub | undefined {
    this.byName ??= new Map(
      this.azure.resources
        .list(hubType)
        .flatMap(toHubs)
        .map((hub) => [hub.host, hub]),
    );
    return this.byName.get(host.toLowerCase());
  }

  /** The hub with this host name of its built-in endpoint. */
  atEvents(host: string): Hub | undefined {
    this.byEventsHost ??= new Map(
      this.azure.resources
        .list(hubType)
        .map(({ name }) => [eventsHost(name), this.at(`${name}.azure-devices.net`) as Hub]),
    );
    return this.byEventsHost.get(host.toLowerCase());
  }

  /** All hubs, once each. */
  all(): Hub[] {
    return this.azure.resources
      .list(hubType)
      .map(({ name }) => this.at(`${name}.azure-devices.net`))
      .filter((hub) => hub !== undefined);
  }
}

/** A hub, once for each of its names. */
function toHubs(resource: Resource): Hub[] {
  const hub = toHub(resource);
  return hubHosts(resource.name).map((name) => ({ ...hub, ...name }));
}

function toHub(resource: Resource): Hub {
  const properties = resource.properties as HubProperties;
  const settings = properties.cloudToDevice;
  const outboundHosts = properties.restrictOutboundNetworkAccess
    ? (properties.allowedFqdnList ?? []).map((host) => host.toLowerCase())
    : undefined;
  return {
    name: resource.name,
    key: resource.name.toLowerCase(),
    host: `${resource.name.toLowerCase()}.azure-devices.net`,
    isForDevices: false,
    resourceId: resource.id,
    sku: resource.sku?.name as Sku,
    units: (resource.sku?.capacity as number | undefined) ?? 1,
    localAuth: properties.disableLocalAuth !== true,
    deviceSas: properties.disableDeviceSAS !== true,
    policies: properties.authorizationPolicies ?? [],
    cloudToDevice: {
      defaultTtlMs: milliseconds(settings?.defaultTtlAsIso8601, 3_600_000),
      maxDeliveryCount: settings?.maxDeliveryCount ?? 10,
      feedbackTtlMs: milliseconds(settings?.feedback?.ttlAsIso8601, 3_600_000),
      feedbackMaxDeliveryCount: settings?.feedback?.maxDeliveryCount ?? 10,
      feedbackLockMs: milliseconds(settings?.feedback?.lockDurationAsIso8601, 60_000),
    },
    publicAccess: properties.publicNetworkAccess !== "Disabled",
    outboundHosts,
    deliversEvents: hasEnabledRoute(properties) && maySendTo({ outboundHosts }, eventsHost(resource.name)),
    events: toEvents(resource),
  };
}

/** Defaults: four partitions, and a day as in Azure. */
function toEvents({ name, properties }: Resource): EventsEndpoint {
  const { events } = (properties as HubProperties).eventHubEndpoints ?? {};
  return {
    host: eventsHost(name),
    path: events?.path ?? name.toLowerCase(),
    partitions: events?.partitionCount ?? 4,
    retentionMs: (events?.retentionTimeInDays ?? 1) * 24 * 3_600_000,
  };
}

interface HubProperties {
  eventHubEndpoints?: { events?: { path?: string; partitionCount?: number; retentionTimeInDays?: number } };
  disableLocalAuth?: boolean;
  disableDeviceSAS?: boolean;
  authorizationPolicies?: SharedAccessPolicy[];
  publicNetworkAccess?: string;
  restrictOutboundNetworkAccess?: boolean;
  allowedFqdnList?: string[];
  routing?: { routes?: { isEnabled: boolean }[]; fallbackRoute?: { isEnabled: boolean } };
  cloudToDevice?: {
    defaultTtlAsIso8601?: string;
    maxDeliveryCount?: number;
    feedback?: { ttlAsIso8601?: string; maxDeliveryCount?: number; lockDurationAsIso8601?: string };
  };
}

const milliseconds = (duration: string | undefined, otherwise: number): number =>
  duration === undefined ? otherwise : durationMs(duration);

/** Whether the hub itself may send to a host. Names must match exactly: there are no wildcards. */
export function maySendTo(hub: Pick<Hub, "outboundHosts">, host: string): boolean {
  return hub.outboundHosts?.includes(host.toLowerCase()) ?? true;
}

/** "Use IoT Hub message routing": a message that matches no route uses the fallback route, and is lost without it. */
function hasEnabledRoute({ routing }: HubProperties): boolean {
  if (!routing) return true;
  const { routes = [], fallbackRoute } = routing;
  return [...routes, ...(fallbackRoute ? [fallbackRoute] : [])].some(({ isEnabled }) => isEnabled);
}
