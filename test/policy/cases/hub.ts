import { type Refused, set } from "../changes.ts";

/** The IoT Hub. */
export const hubCases: Refused[] = [
  ["tls-1-2", "terminals-hub", set("terminals-hub", "properties.minTlsVersion", undefined)],
  ["no-hub-level-sas", "terminals-hub", set("terminals-hub", "properties.disableLocalAuth", false)],
  ["no-hub-level-sas", "terminals-hub", set("terminals-hub", "properties.disableModuleSAS", undefined)],
  [
    "no-hub-level-sas",
    "terminals-hub",
    set("terminals-hub", "properties.authorizationPolicies", [
      { keyName: "service", rights: "ServiceConnect" },
    ]),
  ],
  ["terminals-keep-their-door", "terminals-hub", set("terminals-hub", "properties.disableDeviceSAS", true)],
  [
    "terminals-keep-their-door",
    "terminals-hub",
    set("terminals-hub", "properties.publicNetworkAccess", "Disabled"),
  ],
  [
    "hub-sends-to-named-hosts-only",
    "terminals-hub",
    set("terminals-hub", "properties.restrictOutboundNetworkAccess", false),
  ],
  [
    "hub-sends-to-named-hosts-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", ["*.blob.core.windows.net"]),
  ],
  [
    "no-connection-strings-in-the-hub",
    "terminals-hub",
    set("terminals-hub", "properties.storageEndpoints", {
      $default: { connectionString: "AccountName=files" },
    }),
  ],
];
