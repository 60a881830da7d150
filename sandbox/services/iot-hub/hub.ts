import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { durationMs } from "../../resource-manager/duration.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { eventsHost } from "./resource-types/iot-hub.ts";
import type { Sku } from "./tiers.ts";

const hubType = "Microsoft.Devices/IotHubs";

/** What the program declared of one hub, as its data plane needs it. */
export interface Hub {
  name: string;
  /** The key of its rows in the store: the name, which is globally unique, in lower case. */
  key: string;
  /** For example name.azure-devices.net, in lower case. */
  host: string;
  /** The scope of its data actions. */
  resourceId: string;
  sku: Sku;
  units: number;
  /** Whether shared access policies of the hub may sign in (disableLocalAuth is not set). */
  localAuth: boolean;
  /** Whether devices may sign in with their keys (disableDeviceSAS is not set). */
  deviceSas: boolean;
  policies: SharedAccessPolicy[];
  cloudToDevice: CloudToDeviceSettings;
  /** Whether it is reached from the internet; nothing here comes from anywhere else. */
  publicAccess: boolean;
  /** The only hosts that the hub itself may send to, in lower case; undefined for any. */
  outboundHosts: string[] | undefined;
  /** Whether telemetry reaches the built-in endpoint: a route leads there, and the hub may send to it. */
  events: boolean;
}

/** A shared access policy; `rights` as in ARM, for example "RegistryRead, ServiceConnect". */
export interface SharedAccessPolicy {
  keyName: string;
  primaryKey?: string;
  secondaryKey?: string;
  rights: string;
}

/** Times in milliseconds. Defaults: one hour, ten deliveries, a lock of 60 seconds on feedback. */
export interface CloudToDeviceSettings {
  defaultTtlMs: number;
  maxDeliveryCount: number;
  feedbackTtlMs: number;
  feedbackMaxDeliveryCount: number;
  feedbackLockMs: number;
}

/** The hubs that exist now, by host name. */
export class Hubs {
  private readonly azure: AzureEnvironment;
  private byName: Map<string, Hub> | undefined;

  /**
   * @param deleted Called for each hub whose resource is deleted.
   * @param changed Called for each hub that is declared anew.
   */
  constructor(azure: AzureEnvironment, deleted: (hub: Hub) => void, changed: (hub: Hub) => void = () => {}) {
    this.azure = azure;
    const isHub = (resource: Resource) => resource.type.toLowerCase() === hubType.toLowerCase();
    azure.resources.on("put", (resource) => {
      if (!isHub(resource)) return;
      const hub = toHub(resource);
      // Connections hold on to theirs, and are to go on by what is declared now.
      const known = this.byName?.get(hub.host);
      if (known) Object.assign(known, hub);
      else this.byName = undefined;
      changed(hub);
    });
    azure.resources.on("delete", (resource) => {
      if (!isHub(resource)) return;
      this.byName = undefined;
      deleted(toHub(resource));
    });
  }

  at(host: string): Hub | undefined {
    this.byName ??= new Map(
      this.azure.resources
        .list(hubType)
        .map(toHub)
        .map((hub) => [hub.host, hub]),
    );
    return this.byName.get(host.toLowerCase());
  }
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
    events: deliversEvents(properties) && maySendTo({ outboundHosts }, eventsHost(resource.name)),
  };
}

interface HubProperties {
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

/** Whether the hub itself may send to a host. A name stands for itself alone. */
export function maySendTo(hub: Pick<Hub, "outboundHosts">, host: string): boolean {
  return hub.outboundHosts?.includes(host.toLowerCase()) ?? true;
}

/** "Use IoT Hub message routing": messages that no route takes go by the fallback route, and are lost without it. */
function deliversEvents({ routing }: HubProperties): boolean {
  if (!routing) return true;
  const { routes = [], fallbackRoute } = routing;
  return [...routes, ...(fallbackRoute ? [fallbackRoute] : [])].some(({ isEnabled }) => isEnabled);
}
