/** A rule of others that a resource breaks on purpose, and until when that has been agreed. */
export interface Waiver {
  /** Ids under which the rule is known: PSRule (AZR-…), checkov (CKV…), Azure Policy, Azure Verified Modules, CIS. */
  ids: string[];
  /** The resources of the program that break it, by name. */
  resources: string[];
  reason: string;
  /** Day, as YYYY-MM-DD, by which somebody looks at it again. */
  expires: string;
}

const nextReview = "2027-06-30";

const accounts = ["files-account", "imports-account", "flow-keys-account", "audit-account"];

/** Every rule of others that is known to be broken by design. Scorers read it; the pack reminds of the dates. */
export const waivers: Waiver[] = [
  {
    ids: ["AZR-000202", "CKV_AZURE_35", "Azure Policy 34c877ad", "CKV_AZURE_59", "Azure Policy b2982f36"],
    resources: accounts,
    reason:
      "Terminals at customers' sites and the gateway of a v2 tier have no addresses that could be listed. " +
      "Access is by keys of single files, and by Entra ID.",
    expires: nextReview,
  },
  {
    ids: ["CKV2_AZURE_33", "Azure Policy 6edd7eda", "Azure Policy 0d40b058"],
    resources: [...accounts, "terminals-hub"],
    reason: "Terminals come from the internet; a private endpoint would have no terminal behind it.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40", "Azure Policy 8c6a50c6"],
    resources: ["files-account"],
    reason:
      "A file's key is valid for 30 days; one that Entra ID signs ends after 7. The account's keys must sign.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40", "Azure Policy 8c6a50c6"],
    resources: ["imports-account"],
    reason:
      "The hub's import jobs read and write by links that an account key signs; those by its identity are not " +
      "documented for West Europe.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy 7aa1c9d5", "CIS Azure: SAS tokens expire within an hour"],
    resources: ["files-account"],
    reason:
      "A terminal may be off for weeks and must still get its file. Each key opens one blob, over https, and dies " +
      "with the terminal's stored access policy. A tenant that denies this needs an exemption for the account.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000195", "CKV_AZURE_206", "Azure Policy bf045164"],
    resources: accounts,
    reason:
      "Copies in a second region take personal data out of the region promised; three zones hold it instead.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c36a325b"],
    resources: ["files-blobs"],
    reason: "Versions would keep files that are promised to be gone after 30 days.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c36a325b"],
    resources: ["audit-blobs"],
    reason:
      "The container's immutability lets nothing be overwritten, so that there are no versions to keep.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289", "Azure Policy c36a325b"],
    resources: ["imports-blobs"],
    reason:
      "An import job reads terminals' keys in plaintext: what is deleted there must be gone, and leave no version.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000197", "CKV2_AZURE_38", "AZR-000289"],
    resources: ["flow-keys-account"],
    reason: "The account holds one table and no blobs; its rows can be written again from new keys.",
    expires: nextReview,
  },
  {
    ids: ["CKV2_AZURE_1", "Azure Policy 6fac406b", "Azure Policy 2d7e144b"],
    resources: [...accounts, "terminals-hub"],
    reason: "Microsoft's keys encrypt twice; a key of our own adds a vault that can lock everybody out.",
    expires: nextReview,
  },
  {
    ids: ["Azure.Storage.DefenderCloud", "Azure.Storage.MalwareScan", "Azure.Storage.SensitiveData"],
    resources: accounts,
    reason: "Defender is bought for a subscription as a whole, by whoever owns it.",
    expires: nextReview,
  },
  {
    ids: ["Azure Verified Modules: disableDeviceSAS"],
    resources: ["terminals-hub"],
    reason: "Terminals sign in with symmetric keys of their own, as their software does.",
    expires: nextReview,
  },
  {
    ids: ["CKV_AZURE_108", "Azure Policy 2d6830fb"],
    resources: ["terminals-hub"],
    reason: "Terminals at customers' sites reach the hub over the internet.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy c15dcc82"],
    resources: ["flow-backend"],
    reason:
      "The definition knows certificates and fixed headers only. The gateway signs in with its managed identity " +
      "(authentication-managed-identity in the API's policy), which keeps no secret.",
    expires: nextReview,
  },
  {
    ids: ["CKV_AZURE_107", "CKV_AZURE_174", "CKV_AZURE_152"],
    resources: ["flow-service"],
    reason: "It is the public door; terminals bring keys, not certificates.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy b741306c"],
    resources: ["flow-service"],
    reason:
      "The direct management API is off in a new service, and azure-native has no resource that could say so: " +
      "tenant access can be read alone. Nobody with a role of this stack can switch it on.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000054", "AZR-000055", "CKV_AZURE_173"],
    resources: ["flow-service"],
    reason: "The v2 tiers have no such settings: they speak TLS 1.2 and 1.3 with strong ciphers only.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000052", "AZR-000340", "AZR-000341", "AZR-000387"],
    resources: ["flow-service"],
    reason:
      "Zones and several regions are Premium's, at ten times the price; live lookups can wait for a while.",
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
    reason: "A role on one resource is less than a role on its resource group.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-flow-keys-role"],
    reason: "The least built-in role for subscriptions of an API opens the whole API Management service.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-audit-role"],
    reason: "The least built-in role that adds to blobs overwrites and deletes them too.",
    expires: nextReview,
  },
  {
    ids: ["Azure Policy a451c1ef"],
    resources: ["operators-import-role"],
    reason:
      "The least built-in role with import jobs has all data of the hub: messages and direct methods too.",
    expires: nextReview,
  },
  {
    ids: ["AZR-000425"],
    resources: ["observability-workspace"],
    reason: "A replica would take logs, which name terminals and addresses, out of West Europe.",
    expires: nextReview,
  },
];

/** The waivers whose day has passed. */
export function expiredWaivers(now: Date): Waiver[] {
  return waivers.filter(({ expires }) => new Date(`${expires}T23:59:59Z`) < now);
}
