import type { Waiver } from "./azure/engine/waivers.ts";

export { isFor, isOver, type Waiver } from "./azure/engine/waivers.ts";

const owner = "terminal-operations";
const until = "2027-06-30";

const accounts = ["files-account", "imports-account", "flow-keys-account", "audit-account"];

/**
 * All waivers. An expired one fails the checks, and so does one that no resource needs: the rule stack-waiver-review for
 * rules of the pack, `npm run judge:outside` for rules of others.
 */
export const waivers: Waiver[] = [
  {
    rules: [
      "CKV_AZURE_35",
      "CKV_AZURE_59",
      "Azure Policy 34c877ad",
      "Azure Policy b2982f36",
      "Azure Policy 2a1a9cdf",
      "Azure Policy db4f9b05",
      "Azure Policy 7809fda1",
      "Azure Policy 60d21c4f",
    ],
    references: ["AZR-000202"],
    resources: accounts,
    reason:
      "Terminals at customers' sites and a gateway of a v2 tier have no fixed addresses to list. " +
      "File links and Entra ID control access.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 6edd7eda", "Azure Policy 1604f626"],
    references: ["CKV2_AZURE_33"],
    resources: accounts,
    reason: "Terminals connect over the internet. A private endpoint is not reachable for them.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 0d40b058"],
    resources: ["terminals-hub"],
    reason: "Terminals connect over the internet. A private endpoint is not reachable for them.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 8c6a50c6", "Azure Policy fd9903f1"],
    references: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40"],
    resources: ["files-account"],
    reason:
      "A file link is valid for 30 days, and a user delegation SAS for 7 at most. So account keys sign the links.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 8c6a50c6", "Azure Policy fd9903f1"],
    references: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40"],
    resources: ["imports-account"],
    reason:
      "The IoT Hub's import jobs use links that an account key signs. Import jobs that use the hub's identity " +
      "are not documented for West Europe.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 7aa1c9d5"],
    references: ["CIS Azure: SAS tokens expire within an hour"],
    resources: ["files-account"],
    reason:
      "A terminal may be switched off for weeks and must still get its file. A file link is for one blob, over " +
      "https, and is invalid once the terminal's stored access policy is deleted. A tenant that assigns this " +
      "definition with the effect Deny needs an exemption for the account.",
    owner,
    until,
  },
  {
    rules: ["CKV_AZURE_206", "Azure Policy bf045164"],
    references: ["AZR-000195"],
    resources: accounts,
    reason:
      "A replica in a second region takes personal data out of the promised region. Three zones store it instead.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 4510daf9"],
    resources: accounts,
    reason:
      "Customers are promised that files are deleted once they are 30 days old, and a backup would keep them. The audit " +
      "container is immutable, and new Flow keys replace lost ones.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy c36a325b"],
    resources: ["files-blobs"],
    reason: "Versions would keep files longer than the promised 30 days.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy c36a325b"],
    resources: ["audit-blobs"],
    reason: "The container's immutability policy prevents overwriting, so there are no versions to keep.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy c36a325b"],
    references: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289"],
    resources: ["imports-blobs"],
    reason: "An import job reads device keys in plain text. Deleted keys must not be recoverable.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 9fbd64e3"],
    resources: ["imports-account"],
    reason: "An import job reads device keys in plain text. Deleted keys must not be recoverable.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 9fbd64e3"],
    references: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289"],
    resources: ["flow-keys-account"],
    reason: "The account holds one table and no blobs. New Flow keys replace lost rows.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 6fac406b"],
    references: ["CKV2_AZURE_1"],
    resources: accounts,
    reason:
      "Microsoft's keys encrypt the data twice. A customer-managed key adds a key vault, and its loss is the loss of all data.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 2d7e144b"],
    resources: ["terminals-hub"],
    reason:
      "Microsoft's keys encrypt the hub's data. A customer-managed key adds a key vault, and its loss is the loss of all data.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy fa298e57"],
    resources: ["observability-workspace"],
    reason: "The workspace has no saved queries. The queries of the alerts name no terminal and no customer.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 94c1f94d"],
    resources: [
      "observability-alerts-file-keys-refused",
      "observability-alerts-hub-connections-refused",
      "observability-alerts-hub-throttles-operators",
      "observability-alerts-hub-two-machines-one-key",
      "observability-alerts-import-keys-refused",
    ],
    reason: "The queries of the alerts are in this repository. They name no terminal and no customer.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 6c53d030"],
    resources: ["observability-workspace"],
    reason:
      "Azure services write the logs and people read them in a browser, from addresses that are not known. Both " +
      "sign in with Entra ID.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 614d9fbd"],
    resources: ["terminals-hub"],
    reason:
      "The diagnostic setting enables the category group allLogs, which includes audit. The definition also " +
      "expects an entry for audit that is off, which adds no log.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 567c93f7"],
    resources: ["flow-service"],
    reason:
      "The diagnostic setting enables the category group allLogs, which includes audit. The definition also " +
      "expects an entry for audit that is off, which adds no log.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 818719e5"],
    resources: ["observability-workspace"],
    reason:
      "The diagnostic setting enables the category group allLogs, which includes audit. The definition also " +
      "expects an entry for audit that is off, which adds no log.",
    owner,
    until,
  },
  {
    rules: [],
    references: ["Azure.Storage.DefenderCloud", "Azure.Storage.MalwareScan", "Azure.Storage.SensitiveData"],
    resources: accounts,
    reason: "Defender is enabled for a whole subscription, by the owner of the subscription.",
    owner,
    until,
  },
  {
    rules: [],
    references: ["Azure Verified Modules: disableDeviceSAS"],
    resources: ["terminals-hub"],
    reason: "The software of the terminals signs in with symmetric device keys.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 2d6830fb"],
    references: ["CKV_AZURE_108"],
    resources: ["terminals-hub"],
    reason: "Terminals at customers' sites connect to the IoT Hub over the internet.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy c15dcc82"],
    resources: ["flow-backend"],
    reason:
      "The definition accepts certificates and fixed headers only. The gateway signs in with its managed identity " +
      "(authentication-managed-identity in the API policy), which needs no secret.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy d5448c98"],
    resources: ["flow-policy"],
    reason:
      "The backend section repeats reads with the retry policy. The base element would forward each call a second time, " +
      "without the time limit. The other sections begin with it.",
    owner,
    until,
  },
  {
    rules: ["CKV_AZURE_107", "CKV_AZURE_174", "Azure Policy 73ef9241"],
    references: ["CKV_AZURE_152"],
    resources: ["flow-service"],
    reason: "Terminals reach the gateway over the internet, with keys and without client certificates.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy df73bd95"],
    references: ["Azure Policy b741306c"],
    resources: ["flow-service"],
    reason:
      "The direct management API is off in a new service, and azure-native has no resource that declares it: " +
      "tenant access can only be read. No role of this stack can turn it on.",
    owner,
    until,
  },
  {
    rules: [],
    references: ["AZR-000054", "AZR-000055"],
    resources: ["flow-service"],
    reason: "The v2 tiers have no such settings. They accept TLS 1.2 and 1.3 with strong ciphers only.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy 42daa904"],
    references: ["AZR-000052", "AZR-000340", "AZR-000341", "AZR-000387"],
    resources: ["flow-service"],
    reason:
      "Zones and several regions need the Premium tier, at ten times the price. Live lookups tolerate an outage.",
    owner,
    until,
  },
  {
    rules: [],
    references: ["AZR-000207"],
    resources: [
      "flow-reads-keys",
      "operators-hub-registry",
      "operators-hub-twins",
      "operators-hub-reader",
      "operators-file-keys",
      "operators-import-keys",
      "operators-flow-rows",
      "operators-flow-keys",
      "operators-audit",
      "operators-hub-imports",
    ],
    reason: "A role on one resource gives less access than a role on its resource group.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy a451c1ef"],
    resources: ["operators-flow-keys-role"],
    reason:
      "The smallest built-in role for API subscriptions gives access to the whole API Management service.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy a451c1ef"],
    resources: ["operators-audit-role"],
    reason: "The smallest built-in role that appends to blobs can also overwrite and delete them.",
    owner,
    until,
  },
  {
    rules: ["Azure Policy a451c1ef"],
    resources: ["operators-import-role"],
    reason: "The smallest built-in role for import jobs can also send messages and call direct methods.",
    owner,
    until,
  },
  {
    rules: [],
    references: ["AZR-000425"],
    resources: ["observability-workspace"],
    reason: "A replica takes logs, which name terminals and addresses, out of West Europe.",
    owner,
    until,
  },
];
