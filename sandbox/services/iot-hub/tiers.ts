/** Names of the hub's SKUs. */
export type Sku = "F1" | "B1" | "B2" | "B3" | "S1" | "S2" | "S3";

/** A kind of operation with its own throttle, named as in the message of the service's 429. */
export type Operation =
  | "RegistryOperation"
  | "DeviceConnect"
  | "DeviceToCloudSend"
  | "CloudToDeviceSend"
  | "CloudToDeviceReceive"
  | "DirectMethod"
  | "TwinRead"
  | "TwinUpdate"
  | "Query"
  | "JobOperation";

/** Whether the tier has cloud-to-device messages, device twins and direct methods. Basic tiers do not. */
export const isStandard = (sku: Sku): boolean => !sku.startsWith("B");

/**
 * The throttle of a kind of operation, per minute. For direct methods it is in KB of request payload. Source: "IoT Hub
 * quotas and throttling", which gives some rates per second and says that limits are "applied in minute ranges".
 */
export function operationsPerMinute(operation: Operation, sku: Sku, units: number): number {
  const size = sku.slice(1);
  const large = size === "3";
  const middle = size === "2";
  const atLeast = (perSecond: number, perSecondAndUnit: number) =>
    60 * Math.max(perSecond, perSecondAndUnit * units);
  switch (operation) {
    case "RegistryOperation":
    case "CloudToDeviceSend":
    case "JobOperation":
      return (large ? 5000 : 100) * units;
    case "DeviceConnect":
    case "DeviceToCloudSend":
      return large ? 60 * 6000 * units : middle ? 60 * 120 * units : atLeast(100, 12);
    case "CloudToDeviceReceive":
      return (large ? 50_000 : 1000) * units;
    case "DirectMethod":
      return 60 * (large ? 24 * 1024 : middle ? 480 : 160) * units;
    case "TwinRead":
      return large ? 60 * 500 * units : middle ? atLeast(100, 10) : 60 * 100;
    case "TwinUpdate":
      return large ? 60 * 250 * units : middle ? atLeast(50, 5) : 60 * 50;
    case "Query":
      return (large ? 1000 : 20) * units;
  }
}

/** Messages per day, and the size of a block: each block of a message counts as one. Source: IoT Hub pricing. */
export function dailyQuota(sku: Sku, units: number): { messages: number; meterBytes: number } {
  if (sku === "F1") return { messages: 8000, meterBytes: 512 };
  const perUnit = { 1: 400_000, 2: 6_000_000, 3: 300_000_000 }[Number(sku.slice(1)) as 1 | 2 | 3];
  return { messages: perUnit * units, meterBytes: 4096 };
}

/** Maximum number of devices and modules of one hub. Source: "IoT Hub quotas and throttling", other limits. */
export const maxDevices = 1_000_000;
