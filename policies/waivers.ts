/** A rule of others that a resource violates on purpose. */
export interface Waiver {
  /** Identifiers of the rule in PSRule (AZR-…), checkov (CKV…), Azure Policy, Azure Verified Modules and CIS. */
  ids: string[];
  /** Names of the program's resources that violate it. */
  resources: string[];
  /** Why the design violates the rule. */
  reason: string;
  /** Last day, as YYYY-MM-DD in UTC, on which the waiver is valid. It is reviewed by then. */
  expires: string;
}

const nextReview = "2027-06-30";

const accounts = ["files-account", "imports-account", "flow-keys-account", "audit-account"];

/** All waivers. The rule stack-waiver-review reports the expired ones. */
export const waivers: Waiver[] = [
  {
    ids: ["AZR-000202", "CKV_AZURE_35", "Azure Policy 34c877ad", "CKV_AZURE_59", "Azure Policy b2982f36"],
    resources: accounts,
    reason:
      "Terminals at customers' sites and a gateway of a v2 tier have no fixed addresses to list. " +
      "File links and Entra ID control access.",
    expires: nextReview,
  },
  {
    ids: ["CKV2_AZURE_33", "Azure Policy 6edd7eda", "Azure Policy 0d40b058"],
    resources: [...accounts, "terminals-hub"],
    reason: "Terminals connect over the internet. A private endpoint is not reachable for them.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40", "Azure Policy 8c6a50c6"],
    resources: ["files-account"],
    reason:
      "A file link is valid for 30 days, and a user delegation SAS for 7 at most. So account keys sign the links.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40", "Azure Policy 8c6a50c6"],
    resources: ["imports-account"],
    reason:
      "The IoT Hub's import jobs use links that an account key signs. Import jobs that use the hub's identity " +
      "are not documented for West Europe.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy 7aa1c9d5", "CIS Azure: SAS tokens expire within an hour"],
    resources: ["files-account"],
    reason:
      "A terminal may be switched off for weeks and must still get its file. A file link is for one blob, over " +
      "https, and is invalid once the terminal's stored access policy is deleted. A tenant that assigns this " +
      "definition with the effect Deny needs an exemption for the account.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000195", "CKV_AZURE_206", "Azure Policy bf045164"],
    resources: accounts,
    reason:
      "A replica in a second region takes personal data out of the promised region. Three zones store it instead.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c36a325b"],
    resources: ["files-blobs"],
    reason: "Versions would keep files longer than the promised 30 days.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c36a325b"],
    resources: ["audit-blobs"],
    reason: "The container's immutability policy prevents overwriting, so there are no versions to keep.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289", "Azure Policy c36a325b"],
    resources: ["imports-blobs"],
    reason: "An import job reads device keys in plain text. Deleted keys must not be recoverable.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289"],
    resources: ["flow-keys-account"],
    reason: "The account holds one table and no blobs. New Flow keys replace lost rows.",
    expires: nextReview,
  },
  {
    ids: ["CKV2_AZURE_1", "Azure Policy 6fac406b", "Azure Policy 2d7e144b"],
    resources: [...accounts, "terminals-hub"],
    reason:
      "Microsoft's keys encrypt the data twice. A customer-managed key adds a key vault, and its loss is the loss of all data.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.DefenderCloud", "Azure.Storage.MalwareScan", "Azure.Storage.SensitiveData"],
    resources: accounts,
    reason: "Defender is enabled for a whole subscription, by the owner of the subscription.",
    expires: nextReview,
  },
  {
    ids: ["Azure Verified Modules: disableDeviceSAS"],
    resources: ["terminals-hub"],
    reason: "The software of the terminals signs in with symmetric device keys.",
    expires: nextReview,
  },
  {
    ids: ["CKV_AZURE_108", "Azure Policy 2d6830fb"],
    resources: ["terminals-hub"],
    reason: "Terminals at customers' sites connect to the IoT Hub over the internet.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c15dcc82"],
    resources: ["flow-backend"],
    reason:
      "The definition accepts certificates and fixed headers only. The gateway signs in with its managed identity " +
      "(authentication-managed-identity in the API policy), which needs no secret.",
    expires: nextReview,
  },
  {
    ids: ["CKV_AZURE_107", "CKV_AZURE_174", "CKV_AZURE_152"],
    resources: ["flow-service"],
    reason: "Terminals reach the gateway over the internet, with keys and without client certificates.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy b741306c"],
    resources: ["flow-service"],
    reason:
      "The direct management API is off in a new service, and azure-native has no resource that declares it: " +
      "tenant access can only be read. No role of this stack can turn it on.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000054", "AZR-000055", "CKV_AZURE_173"],
    resources: ["flow-service"],
    reason: "The v2 tiers have no such settings. They accept TLS 1.2 and 1.3 with strong ciphers only.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000052", "AZR-000340", "AZR-000341", "AZR-000387"],
    resources: ["flow-service"],
    reason:
      "Zones and several regions need the Premium tier, at ten times the price. Live lookups tolerate an outage.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000207"],
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
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-flow-keys-role"],
    reason:
      "The smallest built-in role for API subscriptions gives access to the whole API Management service.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-audit-role"],
    reason: "The smallest built-in role that appends to blobs can also overwrite and delete them.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-import-role"],
    reason: "The smallest built-in role for import jobs can also send messages and call direct methods.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000425"],
    resources: ["observability-workspace"],
    reason: "A replica takes logs, which name terminals and addresses, out of West Europe.",
    expires: nextReview,
  },
];

/** The waivers that are no longer valid. */
export function expiredWaivers(now: Date): Waiver[] {
  return waivers.filter(({ expires }) => new Date(`${expires}T23:59:59Z`) < now);
}
