import { both, madeFrom, type Refused, set } from "../changes.ts";
import { unknownText } from "../fleet.ts";

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
    "hub-sends-to-named-hosts-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", undefined),
  ],
  ["hub-sends-to-named-hosts-only", "terminals-hub", set("terminals-hub", "properties.allowedFqdnList", [])],
  [
    "hub-sends-to-the-imports-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", ["stelsewhere.blob.core.windows.net"]),
  ],
  [
    "hub-sends-to-the-imports-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", ["stauditdevabc123.blob.core.windows.net"]),
  ],
  [
    "hub-sends-to-the-imports-only",
    "terminals-hub",
    both(
      set("terminals-hub", "properties", unknownText),
      madeFrom("terminals-hub", "properties", "audit-account"),
    ),
  ],
  [
    "no-connection-strings-in-the-hub",
    "terminals-hub",
    set("terminals-hub", "properties.storageEndpoints", {
      $default: { connectionString: "AccountName=files" },
    }),
  ],
];
