import { allOf, requireProperty, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { verifiedModule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { listItems } from "../../engine/value.ts";

export const iotHubOutboundAllowlist: ResourceRule = {
  id: "iot-hub-outbound-allowlist",
  severity: "high",
  description: "The IoT Hub connects to listed hosts only.",
  reason: "Without the list, a change of the hub can send telemetry and device keys to any host.",
  remedy:
    "Set restrictOutboundNetworkAccess to true, and list the hosts in allowedFqdnList without wildcards.",
  sources: [verifiedModule("devices/iot-hub")],
  check: {
    [types.iotHub]: allOf(
      requireValue("properties.restrictOutboundNetworkAccess", true),
      requireProperty("properties.allowedFqdnList", "a list of hosts without wildcards", (value) => {
        const hosts = listItems(value);
        return hosts.length > 0 && hosts.every((host) => !String(host).includes("*"));
      }),
    ),
  },
};
