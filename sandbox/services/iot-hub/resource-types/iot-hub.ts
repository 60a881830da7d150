import { createHash } from "node:crypto";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { allRegions, region } from "../../../resource-manager/regions.ts";
import type { Draft, ResourceType } from "../../../resource-manager/resource-type.ts";
import { deletePolicyKeys, type WrittenPolicyKeys, writePolicyKeys } from "../policy-keys.ts";
import { consumerGroupType, defaultGroup } from "./consumer-group.ts";
import { checkProperties } from "./iot-hub-checks.ts";
import { iotHubInputs } from "./iot-hub-inputs.ts";

/** Regions without IoT Hub, from experience. Azure's list of products by region decides. */
const regions = allRegions.filter((name) => !["belgiumcentral", "austriaeast"].includes(name));

/** Microsoft.Devices/IotHubs. ../iot-hub.ts is the data plane of hubs. */
export const iotHub: ResourceType = {
  type: "Microsoft.Devices/IotHubs",
  token: "azure-native:iothub:IotHubResource",
  apiVersion: "2023-06-30",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Devices/IotHubs/{resourceName}",
  autoName: "random",
  inputs: iotHubInputs,
  topLevel: ["location", "sku", "tags", "identity", "properties"],
  replaceOn: ["location"],
  computed: [
    "etag",
    "identity.principalId",
    "identity.tenantId",
    "properties.eventHubEndpoints",
    "properties.hostName",
    "properties.locations",
    "properties.provisioningState",
    "properties.state",
    "sku.tier",
    "systemData",
  ],
  actions: ["listkeys/action", "iotHubKeys/listkeys/action"],
  // With the operations of built-in roles that the sandbox does not ask for.
  dataActions: [
    "devices/read",
    "devices/write",
    "devices/delete",
    "twins/read",
    "twins/write",
    "jobs/read",
    "jobs/write",
    "jobs/delete",
    "cloudToDeviceMessages/send/action",
    "cloudToDeviceMessages/feedback/action",
    "cloudToDeviceMessages/queue/purge/action",
    "directMethods/invoke/action",
    "fileUpload/notifications/action",
    "statistics/read",
  ],
  regions,

  check(draft, azure) {
    checkName(draft, azure);
    checkSku(draft, azure);
    checkProperties(draft);
  },

  complete({ resource, previous }, azure) {
    const sku = resource.sku as { name: string; capacity?: number };
    const tier = sku.name === "F1" ? "Free" : sku.name.startsWith("B") ? "Basic" : "Standard";
    resource.sku = { name: sku.name, tier, capacity: sku.capacity ?? 1 };
    const declared = resource.properties as Record<string, Record<string, object> | undefined>;
    const primary = region(resource.location as string);
    const secondary = primary?.pair && region(primary.pair)?.displayName;
    const path = (previous?.properties.eventHubEndpoints as { events?: { path?: string } })?.events?.path;
    resource.properties = {
      features: "None",
      publicNetworkAccess: "Enabled",
      disableLocalAuth: false,
      disableDeviceSAS: false,
      disableModuleSAS: false,
      enableDataResidency: false,
      enableFileUploadNotifications: false,
      ipFilterRules: [],
      storageEndpoints: { $default: { sasTtlAsIso8601: "PT1H", connectionString: "", containerName: "" } },
      authorizationPolicies,
      ...declared,
      cloudToDevice: {
        maxDeliveryCount: 10,
        defaultTtlAsIso8601: "PT1H",
        ...declared.cloudToDevice,
        feedback: {
          lockDurationAsIso8601: "PT1M",
          ttlAsIso8601: "PT1H",
          maxDeliveryCount: 10,
          ...declared.cloudToDevice?.feedback,
        },
      },
      messagingEndpoints: {
        fileNotifications: {
          lockDurationAsIso8601: "PT1M",
          ttlAsIso8601: "PT1H",
          maxDeliveryCount: 10,
          ...declared.messagingEndpoints?.fileNotifications,
        },
      },
      eventHubEndpoints: {
        events: {
          retentionTimeInDays: 1,
          partitionCount: sku.name === "F1" ? 2 : 4,
          ...declared.eventHubEndpoints?.events,
          path: path ?? resource.name.toLowerCase(),
          endpoint: `sb://${eventsHost(resource.name)}/`,
        },
      },
      // "When this property is not present in the template, the fallback route is disabled by default."
      routing: {
        endpoints: noEndpoints,
        routes: [],
        fallbackRoute: { ...fallbackRoute, isEnabled: declared.routing === undefined },
        ...declared.routing,
      },
      locations: [
        { location: primary?.displayName, role: "primary" },
        ...(secondary && !declared.enableDataResidency ? [{ location: secondary, role: "secondary" }] : []),
      ],
      hostName: `${resource.name}.azure-devices.net`,
      provisioningState: "Succeeded",
      state: "Active",
    };
    const policies = resource.properties.authorizationPolicies as (WrittenPolicyKeys & { rights: string })[];
    writePolicyKeys(azure.store, resource.id, policies);
    resource.properties.authorizationPolicies = policies.map(({ keyName, rights }) => ({ keyName, rights }));
  },

  stored({ resource, previous }, azure) {
    if (previous) return;
    azure.resources.put({
      id: `${resource.id}/eventHubEndpoints/events/ConsumerGroups/${defaultGroup}`,
      type: consumerGroupType,
      name: defaultGroup,
      properties: { name: defaultGroup, created: new Date(azure.clock.now()).toUTCString() },
    });
  },

  deleted(resource, azure) {
    deletePolicyKeys(azure.store, resource.id);
  },
};

/** The host of a hub's built-in endpoint. A hub with restricted outbound access must have it in its allowedFqdnList. */
export function eventsHost(hubName: string): string {
  return `iothub-ns-${hubName.toLowerCase().slice(0, 10).replace(/-$/, "")}-${hashed(hubName)}.servicebus.windows.net`;
}

const hashed = (name: string) => createHash("sha256").update(name.toLowerCase()).digest("hex").slice(0, 10);

/** The policies of every hub. A GET never returns their keys. */
const authorizationPolicies = [
  { keyName: "iothubowner", rights: "RegistryWrite, ServiceConnect, DeviceConnect" },
  { keyName: "service", rights: "ServiceConnect" },
  { keyName: "device", rights: "DeviceConnect" },
  { keyName: "registryRead", rights: "RegistryRead" },
  { keyName: "registryReadWrite", rights: "RegistryWrite" },
];

const noEndpoints = { serviceBusQueues: [], serviceBusTopics: [], eventHubs: [], storageContainers: [] };

const fallbackRoute = {
  name: "$fallback",
  source: "DeviceMessages",
  condition: "true",
  endpointNames: ["events"],
  isEnabled: true,
};

/** Names of hubs. Source: "Naming rules and restrictions for Azure resources". */
export const hubName = /^[A-Za-z0-9][A-Za-z0-9-]{1,48}[A-Za-z0-9]$/;

function checkName({ resource, previous }: Draft, azure: AzureEnvironment): void {
  if (!hubName.test(resource.name)) {
    throw new ArmError(
      400,
      "IotHubNameInvalid",
      `The IoT hub name '${resource.name}' is not valid: it must have 3 to 50 letters, digits and hyphens, and must ` +
        "not start or end with a hyphen.",
    );
  }
  if (previous || !azure.resources.named(resource.type, resource.name)) return;
  throw new ArmError(409, "IotHubNameNotAvailable", `IotHub name '${resource.name}' is not available`);
}

/** "Choose the right IoT Hub tier and size for your solution": the units of a tier, and the changes between tiers. */
function checkSku({ resource, previous }: Draft, azure: AzureEnvironment): void {
  const { name, capacity = 1 } = resource.sku as { name: string; capacity?: number };
  const maxUnits = name === "F1" ? 1 : name.endsWith("3") ? 10 : 200;
  if (capacity > maxUnits) {
    throw new ArmError(
      400,
      "InvalidSkuCapacity",
      `A hub of tier ${name} can have at most ${maxUnits} units, not ${capacity}.`,
    );
  }
  const before = previous?.sku?.name as string | undefined;
  if (before && before !== name && (before === "F1" || name === "F1")) {
    throw new ArmError(
      400,
      "InvalidSkuTransition",
      `A hub cannot change its tier from ${before} to ${name}.`,
    );
  }
  if (before?.startsWith("S") && name.startsWith("B")) {
    throw new ArmError(
      400,
      "InvalidSkuTransition",
      `A hub cannot change its tier from ${before} to ${name}.`,
    );
  }
  if (name === "F1" && !previous) {
    const free = azure.resources.list(resource.type).find((hub) => hub.sku?.name === "F1");
    if (free) {
      throw new ArmError(
        409,
        "FreeHubLimitExceeded",
        `A subscription can have one free hub, and ${free.name} already is one.`,
      );
    }
  }
}
