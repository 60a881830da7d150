import type { SharedAccessPolicy } from "../../services/iot-hub/hub.ts";
import { policyKeys } from "../../services/iot-hub/policy-keys.ts";
import { ArmError } from "../arm-error.ts";
import { idBeforeAction, type ManagementApp, type ManagementParts } from "./routes.ts";

const hub = "/subscriptions/:s/resourcegroups/:g/providers/microsoft.devices/iothubs/:n";

/**
 * Adds reads of the keys of a hub's shared access policies. A PUT of the hub changes keys. Source: REST reference, "Iot Hub
 * Resource - List Keys" and "Get Keys For Key Name".
 */
export function addHubKeyRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const policiesOf = (resource: { id: string; properties: Record<string, unknown> }) =>
    (resource.properties.authorizationPolicies as SharedAccessPolicy[]).map(({ keyName, rights }) => ({
      keyName,
      ...policyKeys(azure.store, resource.id, keyName),
      rights,
    }));

  app.post(`${hub}/listkeys`, (context) => {
    const id = idBeforeAction(context);
    const manager = context.get("manager");
    manager.authorize("Microsoft.Devices/iotHubs/listkeys/action", id);
    return context.json({ value: policiesOf(manager.stored(id)) });
  });

  app.post(`${hub}/iothubkeys/:k/listkeys`, (context) => {
    const path = idBeforeAction(context);
    const id = path.slice(0, path.toLowerCase().lastIndexOf("/iothubkeys/"));
    const manager = context.get("manager");
    manager.authorize("Microsoft.Devices/iotHubs/iotHubKeys/listkeys/action", id);
    const resource = manager.stored(id);
    const name = context.req.param("k");
    const policy = policiesOf(resource).find(({ keyName }) => keyName.toLowerCase() === name);
    if (policy) return context.json(policy);
    // The code is inferred: Azure documents none.
    throw new ArmError(
      404,
      "NotFound",
      `The IoT hub '${resource.name}' has no shared access policy '${name}'.`,
    );
  });
}
