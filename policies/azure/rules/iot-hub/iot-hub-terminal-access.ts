import { allOf, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const iotHubTerminalAccess: ResourceRule = {
  id: "iot-hub-terminal-access",
  severity: "medium",
  description: "The IoT Hub accepts device keys, from the internet.",
  reason: "Terminals sign in with their device keys, from addresses at customers' sites that are not known.",
  remedy: 'Set disableDeviceSAS to false and publicNetworkAccess to "Enabled".',
  sources: [
    microsoftLearn(
      "Control access with shared access signatures",
      "azure/iot-hub/authenticate-authorize-sas",
    ),
  ],
  check: {
    [types.iotHub]: allOf(
      requireValue("properties.disableDeviceSAS", false),
      requireValue("properties.publicNetworkAccess", "Enabled"),
    ),
  },
};
