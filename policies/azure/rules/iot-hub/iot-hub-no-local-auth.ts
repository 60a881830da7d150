import { allOf, requireProperty, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, microsoftLearn, verifiedModule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isEmpty } from "../../engine/value.ts";

export const iotHubNoLocalAuth: ResourceRule = {
  id: "iot-hub-no-local-auth",
  severity: "critical",
  description: "The service side of the IoT Hub accepts Entra ID only, and the hub has no module keys.",
  reason: "A shared access policy of the hub gives access to every terminal, and logs show no user name.",
  remedy: "Set disableLocalAuth and disableModuleSAS to true, and remove authorizationPolicies.",
  sources: [
    azurePolicy("672d56b3-23a7-4a3c-a233-b77ed7777518"),
    microsoftLearn("Control access with Entra ID", "azure/iot-hub/authenticate-authorize-azure-ad"),
    verifiedModule("devices/iot-hub"),
  ],
  check: {
    [types.iotHub]: allOf(
      requireValue("properties.disableLocalAuth", true),
      requireValue("properties.disableModuleSAS", true),
      requireProperty("properties.authorizationPolicies", "absent or empty", isEmpty),
    ),
  },
};
