import { randomBytes } from "node:crypto";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";

/** Creates a random pair of device keys: base64 of 32 random bytes each. */
export function mintDeviceKeys(): DeviceKeys {
  const key = () => randomBytes(32).toString("base64");
  return { primaryKey: key(), secondaryKey: key() };
}
