/** Mutations that no judge here notices, with the reason why that is accepted. */
export interface Accepted {
  /** Matches the whole name of a mutation, as `nameOf` gives it, after its type. */
  pattern: RegExp;
  reason: string;
  /** Whether the mutation changes nothing: Azure has the same value without it, or the text is for people only. */
  isMeaningless?: true;
}

const meaningless = (pattern: RegExp, reason: string): Accepted => ({ pattern, reason, isMeaningless: true });

/** Each pattern must match a mutation that is not noticed. None of them is about secrecy, residency, loss, audit or alarm. */
export const accepted: Accepted[] = [
  meaningless(/\.(description|displayName|title) (removed|swapped)/, "A text for people, in the portal."),
  meaningless(/\.publisherName swapped/, "A text for people, in the portal."),
  meaningless(/\.tags\.(owner|costCentre) swapped/, "A text for people, on a bill. It must be there."),
  meaningless(
    /\.criteria\.allOf\.0\.name swapped/,
    "The name of a condition in an alert: a text for people.",
  ),
  meaningless(/\.policy\.rules\.0\.name swapped/, "The name of a lifecycle rule: a text for people."),
  meaningless(
    /\.emailReceivers\.\d\.name swapped/,
    "The name of a receiver: a text for people. The address counts.",
  ),
  meaningless(/\.groupShortName swapped/, "The sender's name in a text message, and none is sent."),
  meaningless(
    /^ActionGroup .*\.emailReceivers extended/,
    "The address of the added receiver is one of the domain.",
  ),
  meaningless(
    /\.(disableGateway|enableClientCertificate|natGatewayState|restore|virtualNetworkType|isSftpEnabled|publicAccess|isVersioningEnabled|enableFileUploadNotifications|signInAudience) removed/,
    "Azure's default is the same value.",
  ),
  meaningless(
    /imports-blobs\.(containerDelete|delete)RetentionPolicy(\.enabled)? removed/,
    "Azure's default is off.",
  ),
  meaningless(
    /\.subscriptionKeyParameterNames(\.header|\.query)? removed/,
    "Azure's default has the same names.",
  ),
  meaningless(/\.policy\.rules\.0\.enabled removed/, "Azure's default is on."),
  meaningless(
    /^Component .*\.(kind|requestSource|flowType|ingestionMode) (removed|swapped)/,
    "Azure has one value.",
  ),
  meaningless(/^WebTest .*\.tags\.hidden-link:\S+ swapped/, "The name of the tag counts."),
  meaningless(/\.logs extended/, "The same category twice, which Azure refuses."),
  meaningless(
    /lifecycle\.policy\.rules\.0\.definition\.actions\.version/,
    "Versions are off: resource rules demand it, so there is none to delete.",
  ),
  meaningless(
    /lifecycle\.policy\.rules\.0\.definition\.actions\.snapshot\.delete\.\w+ weakened/,
    "Nothing makes snapshots, and they are deleted sooner, not later.",
  ),
  {
    pattern: /imports-lifecycle\.policy\.rules\.0\.definition\.actions\.baseBlob\.delete\.\w+ weakened to 0/,
    reason: "Azure runs lifecycle rules once a day; an import lasts minutes and deletes its blobs itself.",
  },
  {
    pattern: /^ManagementPolicy (files|imports)-lifecycle\.policy\.rules extended/,
    reason: "A second rule that deletes the same blobs on the same day.",
  },
  {
    pattern: /^WebTest .*\.tags\.hidden-link:\S+ removed/,
    reason: "Azure refuses a test without the tag of its component.",
  },
  {
    pattern: /^Component .*\.workspaceResourceId swapped/,
    reason:
      "Azure refuses a workspace that does not exist; the other environment's is in another subscription.",
  },
  {
    pattern: /^ApiDiagnostic .*\.loggerId swapped/,
    reason: "Azure refuses the logger of another service.",
  },
  { pattern: /\.metrics extended/, reason: "A category that the type does not have, which Azure refuses." },
  {
    pattern: /\.metrics\.1( |\.)/,
    reason: "How much an account holds: no alert uses it, and Azure shows it anyway.",
  },
  {
    pattern: /\.metrics\.0\.category swapped for "AllMetrics"/,
    reason: "Azure refuses the category for an account.",
  },
  {
    pattern: /\.metrics\.0\.category swapped for "Transaction"/,
    reason: "Azure refuses the category for the type.",
  },
  {
    pattern: /flow-diagnostics\.logAnalyticsDestinationType removed/,
    reason: "The logs go to the common table. Alerts on the gateway use metrics.",
  },
  {
    pattern: /\.(threshold|severity|failedLocationCount) weakened/,
    reason: "An alert that fires sooner or is more urgent. What is later or less urgent is refused.",
  },
  {
    pattern: /\.skipQueryValidation (removed|weakened)/,
    reason: "Azure refuses the alert of a new workspace. Nothing is deployed without it.",
  },
  {
    pattern: /\.sku\.capacity weakened/,
    reason: "More units, or fewer and at least one: the cost table shows it.",
  },
  {
    pattern: /\.retentionInDays weakened/,
    reason: "Logs are kept longer than promised, and 730 days at most.",
  },
  {
    pattern: /RetentionPolicy\.days weakened/,
    reason: "As long as promised or longer, and 30 days at most.",
  },
  { pattern: /\.keyExpirationPeriodInDays weakened/, reason: "A shorter period than 90 days." },
  {
    pattern: /\.sasExpirationPeriod swapped/,
    reason: "A period that is as long as the promise of the files.",
  },
  { pattern: /\.allowedCopyScope weakened to "PrivateLink"/, reason: "A narrower scope than the tenant." },
  {
    pattern: /\.roleAssignmentName swapped/,
    reason: "Azure refuses the name of another assignment; a new one is a replacement that judge lists.",
  },
  {
    pattern: /^RoleDefinition .*\.(scope|assignableScopes\.0) swapped/,
    reason:
      "The stack's other resource group: the role fits nothing there, and Azure refuses its assignment here.",
  },
  {
    pattern: /^ActionGroup .*\.emailReceivers\.\d removed/,
    reason: "Another receiver remains. The last one is demanded.",
  },
];
