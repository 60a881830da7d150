import { apiManagementEffects } from "./api-management.ts";
import { authorizationEffects } from "./authorization.ts";
import type { Effects } from "./effect.ts";
import { iotHubEffects } from "./iot-hub.ts";
import { monitoringEffects } from "./monitoring.ts";
import { storageEffects } from "./storage.ts";

/**
 * What every input of every known type does here, by the type's token. A test compares it with the inputs that the
 * types take, so that none is taken and then passed over in silence.
 */
export const effects: Record<string, Effects> = {
  ...authorizationEffects,
  ...iotHubEffects,
  ...storageEffects,
  ...apiManagementEffects,
  ...monitoringEffects,
};
