import type { Check } from "../check.ts";
import { gatewayChecks } from "./api-management/gateway.ts";
import { cloudToDeviceChecks } from "./iot-hub/cloud-to-device.ts";
import { connectionChecks } from "./iot-hub/connections.ts";
import { deviceChecks, messageChecks } from "./iot-hub/devices.ts";
import { eventChecks } from "./iot-hub/events.ts";
import { jobChecks } from "./iot-hub/jobs.ts";
import { policyChecks } from "./iot-hub/policies.ts";
import { registryChecks } from "./iot-hub/registry.ts";
import { twinChecks } from "./iot-hub/twins.ts";
import { resourceManagerChecks } from "./resource-manager/resource-manager.ts";
import { accessChecks } from "./storage/access.ts";
import { blobChecks } from "./storage/blobs.ts";
import { tableChecks } from "./storage/tables.ts";

/** All checks, in the order of a run: services that take long to create come last. */
export const checks: readonly Check[] = [
  ...resourceManagerChecks,
  ...blobChecks,
  ...accessChecks,
  ...tableChecks,
  ...registryChecks,
  ...twinChecks,
  ...deviceChecks,
  ...connectionChecks,
  ...messageChecks,
  ...cloudToDeviceChecks,
  ...eventChecks,
  ...policyChecks,
  ...jobChecks,
  ...gatewayChecks,
];
