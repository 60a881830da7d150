import { edit, inOrder, type Refusal, refusals, set, setSources } from "../changes.ts";
import { unknownText } from "../pack.ts";

export const iotHubRefusals: Refusal[] = [
  ...refusals("iot-hub-minimum-tls", {
    "a hub without a minimum TLS version": edit("terminals-hub", "properties.minTlsVersion", undefined),
  }),
  ...refusals("iot-hub-no-local-auth", {
    "a hub that accepts hub-level keys": edit("terminals-hub", "properties.disableLocalAuth", false),
    "a hub that leaves module keys to Azure's default": edit(
      "terminals-hub",
      "properties.disableModuleSAS",
      undefined,
    ),
    "a hub with a shared access policy": edit("terminals-hub", "properties.authorizationPolicies", [
      { keyName: "service", rights: "ServiceConnect" },
    ]),
  }),
  ...refusals("iot-hub-terminal-access", {
    "a hub that refuses device keys": edit("terminals-hub", "properties.disableDeviceSAS", true),
    "a hub that is not reachable from the internet": edit(
      "terminals-hub",
      "properties.publicNetworkAccess",
      "Disabled",
    ),
  }),
  ...refusals("iot-hub-outbound-allowlist", {
    "a hub that connects to any host": edit(
      "terminals-hub",
      "properties.restrictOutboundNetworkAccess",
      false,
    ),
    "a list of hosts with a wildcard": edit("terminals-hub", "properties.allowedFqdnList", [
      "*.blob.core.windows.net",
    ]),
    "a hub without a list of hosts": edit("terminals-hub", "properties.allowedFqdnList", undefined),
    "an empty list of hosts": edit("terminals-hub", "properties.allowedFqdnList", []),
  }),
  ...refusals("iot-hub-outbound-import-account", {
    "a hub that connects to an account outside the stack": edit(
      "terminals-hub",
      "properties.allowedFqdnList",
      ["stelsewhere.blob.core.windows.net"],
    ),
    "a hub that connects to the audit account": edit("terminals-hub", "properties.allowedFqdnList", [
      "stauditdevabc123.blob.core.windows.net",
    ]),
    "unknown hosts that depend on the audit account": [
      "terminals-hub",
      inOrder(
        set("terminals-hub", "properties", unknownText),
        setSources("terminals-hub", "properties", "audit-account"),
      ),
    ],
  }),
  ...refusals("iot-hub-no-connection-strings", {
    "a file upload endpoint with a connection string": edit("terminals-hub", "properties.storageEndpoints", {
      $default: { connectionString: "AccountName=files" },
    }),
  }),
];
