import type { Hub } from "./hub.ts";

/**
 * The strong suites of TLS 1.2, by OpenSSL's names. All hubs have them alone since August 31, 2025, and hubs with
 * minTlsVersion 1.2 had them before. Source: iot-hub/iot-hub-tls-support, cipher suites. The suites with ECDSA need a
 * certificate that the sandbox does not have.
 */
const strongSuites = [
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-SHA384",
  "ECDHE-RSA-AES128-SHA256",
];

/** Suites of TLS 1.3. Azure does not document those of a hub. */
const suites13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];

/**
 * The cipher suites of a hub at one of its names. The name for devices has TLS 1.3 too. Source:
 * iot-hub/iot-hub-devguide-endpoints, endpoint types.
 */
export function hubCiphers(hub: Hub | undefined): string {
  return [...(hub?.isForDevices ? suites13 : []), ...strongSuites].join(":");
}
