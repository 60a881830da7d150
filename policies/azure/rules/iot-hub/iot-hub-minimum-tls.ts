import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const iotHubMinimumTls: ResourceRule = {
  id: "iot-hub-minimum-tls",
  severity: "high",
  description: "The IoT Hub accepts TLS 1.2 or newer only.",
  reason: "Customers are promised TLS 1.2 or newer, and older versions are broken.",
  remedy: 'Set properties.minTlsVersion to "1.2".',
  sources: [psRule("AZR-000357", "Azure.IoTHub.MinTLS")],
  check: { [types.iotHub]: requireValue("properties.minTlsVersion", "1.2") },
};
