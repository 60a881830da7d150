import { DailyQuota } from "../../services/iot-hub/quota.ts";
import { countDevices, createDeviceTable } from "../../services/iot-hub/registry/device-table.ts";
import { dailyQuota, maxDevices, type Sku } from "../../services/iot-hub/tiers.ts";
import {
  idBeforeAction,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
} from "./routes.ts";

const hub = "/subscriptions/:s/resourcegroups/:g/providers/microsoft.devices/iothubs/:n";

/**
 * Adds a hub's quotas and its number of devices. Sources: REST reference, "Iot Hub Resource - Get Quota Metrics" and "Get
 * Stats"; the names of the metrics are those of azure-cli's iot_hub_get_quota_metrics.
 */
export function addHubFigureRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const quota = new DailyQuota(azure, true);
  createDeviceTable(azure.store, "iothub_devices");
  const read = (context: ManagementContext, action: string) => {
    const id = idBeforeAction(context);
    const manager = context.get("manager");
    manager.authorize(`Microsoft.Devices/iotHubs/${action}/read`, id);
    const resource = manager.stored(id);
    return { resource, key: resource.name.toLowerCase() };
  };

  app.get(`${hub}/quotametrics`, (context) => {
    const { resource, key } = read(context, "quotaMetrics");
    const { name, capacity } = resource.sku as { name: Sku; capacity: number };
    return context.json({
      value: [
        {
          name: "TotalMessages",
          currentValue: quota.used({ key }),
          maxValue: dailyQuota(name, capacity).messages,
        },
        {
          name: "TotalDeviceCount",
          currentValue: countDevices(azure.store, key).total,
          maxValue: maxDevices,
        },
      ],
    });
  });

  app.get(`${hub}/iothubstats`, (context) => {
    const { total, enabled, disabled } = countDevices(azure.store, read(context, "iotHubStats").key);
    return context.json({
      totalDeviceCount: total,
      enabledDeviceCount: enabled,
      disabledDeviceCount: disabled,
    });
  });
}
