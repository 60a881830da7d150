import type { Resource } from "../arm/resources.ts";
import type { Cloud } from "../cloud.ts";
import type { Sku } from "./tiers.ts";

const TYPE = "Microsoft.Devices/IotHubs";

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
  private readonly cloud: Cloud;
  private byName: Map<string, Hub> | undefined;

  /** @param deleted Called for each hub whose resource is deleted. */
  constructor(cloud: Cloud, deleted: (hub: Hub) => void) {
    this.cloud = cloud;
    const isHub = (resource: Resource) => resource.type.toLowerCase() === TYPE.toLowerCase();
    cloud.resources.on("put", (resource) => {
      if (isHub(resource)) this.byName = undefined;
    });
    cloud.resources.on("delete", (resource) => {
      if (!isHub(resource)) return;
      this.byName = undefined;
      deleted(toHub(resource));
    });
  }

  at(host: string): Hub | undefined {
    this.byName ??= new Map(
      this.cloud.resources
        .list(TYPE)
        .map(toHub)
        .map((hub) => [hub.host, hub]),
    );
    return this.byName.get(host.toLowerCase());
  }
}

function toHub(resource: Resource): Hub {
  const properties = resource.properties as HubProperties;
  const settings = properties.cloudToDevice;
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
  };
}

interface HubProperties {
  disableLocalAuth?: boolean;
  disableDeviceSAS?: boolean;
  authorizationPolicies?: SharedAccessPolicy[];
  cloudToDevice?: {
    defaultTtlAsIso8601?: string;
    maxDeliveryCount?: number;
    feedback?: { ttlAsIso8601?: string; maxDeliveryCount?: number; lockDurationAsIso8601?: string };
  };
}

/** Reads an ISO 8601 duration of days to seconds, such as PT1H0M0S or P2D. */
function milliseconds(duration: string | undefined, otherwise: number): number {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration ?? "");
  if (!found) return otherwise;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
