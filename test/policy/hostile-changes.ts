import {
  add,
  addCopy,
  addProvider,
  type Change,
  inOrder,
  remove,
  replaceInPolicy,
  set,
  setOptions,
  unprotectInProd,
} from "./changes.ts";
import { secretForms } from "./mutations/output-mutations.ts";

/** A change of the program that a rule refuses, with words that its message must have. */
export interface RefusedChange {
  title: string;
  change: Change;
  rule: string;
  /** What the message names: the resource, and the value or the property. */
  names: string[];
}

const other = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/rg-elsewhere/providers";
const own = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-terminals-dev/providers";
const outsider = "https://outside.example.net";
const lifecycleDays = "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan";
const ownerRole =
  "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/** A row: what is changed, how, the rule that refuses it, and what its message names. */
const row = (title: string, change: Change, rule: string, ...names: string[]): RefusedChange => ({
  title,
  change,
  rule,
  names,
});

const subject = (text: string) => set("operators-ci-github-dev", "subject", text);

/** Who gets access. */
const accessChanges: RefusedChange[] = [
  row(
    "a foreign repository as federated subject",
    subject("repo:outside/fork:environment:dev"),
    "federated-credential-listed-pipeline",
    "operators-ci-github-dev",
    "repo:outside/fork:environment:dev",
  ),
  row(
    "pull requests as federated subject",
    subject("repo:example-org/terminal-fleet:pull_request"),
    "federated-credential-listed-pipeline",
    "pull_request",
  ),
  row(
    "a wildcard as federated subject",
    subject("repo:example-org/*:environment:dev"),
    "federated-credential-listed-pipeline",
    "repo:example-org/*",
  ),
  row(
    "a branch as federated subject",
    subject("repo:example-org/terminal-fleet:ref:refs/heads/x"),
    "federated-credential-listed-pipeline",
    "refs/heads/x",
  ),
  row(
    "another issuer",
    set("operators-ci-github-dev", "issuer", outsider),
    "federated-credential-listed-pipeline",
    outsider,
  ),
  row(
    "a second audience",
    set("operators-ci-github-dev", "audiences", ["api://AzureADTokenExchange", "x"]),
    "federated-credential-one-pipeline",
    "audiences",
  ),
  row(
    "the deployer with the operators' role through apply",
    set("operators-hub-registry", "principalId", "deployer-object-id"),
    "role-assignment-required",
    "terminals-hub",
    "IoT Hub Registry Contributor",
  ),
  row(
    "the pipelines' service principal with a role of its own",
    addCopy("operators-audit", { principalId: "service-principal-object-id" }),
    "role-assignment-allowlist",
    "added",
  ),
  row(
    "the role Owner through apply",
    set("operators-hub-reader", "roleDefinitionId", ownerRole),
    "role-assignment-least-privilege",
    "operators-hub-reader",
    "8e3af657",
  ),
  row(
    "a role on the subscription",
    set("operators-hub-reader", "scope", "/subscriptions/00000000-0000-0000-0000-000000000001"),
    "role-assignment-least-privilege",
    "scope",
  ),
  row(
    "a role on another account through apply",
    set("operators-file-keys", "scope", `${own}/Microsoft.Storage/storageAccounts/stauditdevabc123`),
    "role-assignment-allowlist",
    "operators-file-keys",
  ),
  row(
    "a user as member of the operators' group through apply",
    set("operators-application-member", "memberObjectId", "user-object-id"),
    "operators-group-members",
    "operators-application-member",
  ),
  row("a second group of operators", addCopy("operators-group"), "resource-count", "2 Group"),
  row(
    "an eligible role",
    add("azure-native:authorization:PimRoleEligibilitySchedule"),
    "role-assignment-no-pim",
    "added",
  ),
  row(
    "a wildcard in a custom role",
    set("operators-audit-role", "permissions.0.dataActions.0", "*"),
    "role-definition-least-privilege",
    '"*"',
  ),
  row(
    "a custom role for every resource group",
    set("operators-audit-role", "assignableScopes.0", "/subscriptions/00000000-0000-0000-0000-000000000001"),
    "role-definition-scope",
    "assignableScopes",
  ),
  row(
    "an application for every organisation",
    set("operators-application", "signInAudience", "AzureADMultipleOrgs"),
    "application-single-tenant",
    "AzureADMultipleOrgs",
  ),
  row(
    "an owner of the application",
    set("operators-application", "owners", ["user-object-id"]),
    "resource-property-allowlist",
    "owners",
  ),
];

/** Where data goes. */
const destinationChanges: RefusedChange[] = [
  row(
    "logs sent to another workspace",
    set(
      "observability-hub-diagnostics",
      "workspaceId",
      `${own}/Microsoft.OperationalInsights/workspaces/other`,
    ),
    "diagnostic-setting-destination",
    "observability-hub-diagnostics",
  ),
  row(
    "logs sent to another subscription through apply",
    set(
      "observability-hub-diagnostics",
      "workspaceId",
      `${other}/Microsoft.OperationalInsights/workspaces/log`,
    ),
    "resource-subscription",
    "99999999",
  ),
  row(
    "logs that also go to an event hub",
    set("observability-hub-diagnostics", "eventHubAuthorizationRuleId", other),
    "diagnostic-setting-destination",
    "eventHubAuthorizationRuleId",
  ),
  row(
    "another backend host",
    set("flow-backend", "url", outsider),
    "api-management-backend-host",
    "flow-backend",
    outsider,
  ),
  row(
    "Azure's metadata service as backend",
    set("flow-backend", "url", "https://169.254.169.254/"),
    "api-management-backend-host",
    "link-local",
  ),
  row(
    "a backend that is reached by plain HTTP",
    set("flow-backend", "url", "http://flow-dev.example.com"),
    "api-management-backend-https-only",
    "http://",
  ),
  row(
    "a backend whose certificate is not verified",
    set("flow-backend", "tls.validateCertificateChain", false),
    "api-management-backend-certificate",
    "validateCertificateChain",
  ),
  row(
    "tokens for another application",
    replaceInPolicy("api://11111111-2222-3333-4444-555555555555", "api://outside"),
    "api-management-api-policy-required",
    "api://outside",
  ),
  row(
    "files in North Europe",
    set("files-account", "location", "northeurope"),
    "resource-region",
    "northeurope",
  ),
  row(
    "the audit log in a second region",
    set("audit-account", "sku.name", "Standard_GZRS"),
    "storage-account-copy-of-files-only",
    "audit-account",
  ),
  row(
    "files in a second region without a reason",
    set("files-account", "sku.name", "Standard_GZRS"),
    "storage-account-no-geo-replication",
    "geoReplicationReason",
  ),
  row(
    "a replica of the logs",
    set("observability-workspace", "replication", { enabled: true }),
    "log-analytics-no-replication",
    "replication",
  ),
  row(
    "a copy of the files to another account",
    add("azure-native:storage:ObjectReplicationPolicy"),
    "storage-account-no-object-replication",
    "added",
  ),
  row(
    "alerts by webhook",
    set("observability-alerts-people", "webhookReceivers", [{ name: "w" }]),
    "action-group-receivers",
    "webhookReceivers",
  ),
  row(
    "alerts to another domain",
    set("observability-alerts-people", "emailReceivers.0.emailAddress", "a@outside.example.net"),
    "action-group-receivers",
    "a@outside.example.net",
  ),
  row(
    "a hub that connects to another host",
    set("terminals-hub", "properties.allowedFqdnList", ["outside.example.net"]),
    "iot-hub-outbound-import-account",
    "outside.example.net",
  ),
  row(
    "an output with a foreign host",
    set("terminal-fleet-dev", "filesBlobEndpoint", outsider),
    "stack-output-hosts",
    "outside.example.net",
  ),
  row(
    "a provider of another subscription",
    setOptions("terminals-hub", {
      provider: {
        name: "own",
        type: "pulumi:providers:azure-native",
        properties: { subscriptionId: "99999999-9999-9999-9999-999999999999" },
      },
    }),
    "provider-settings",
    "subscriptionId",
  ),
  row(
    "a provider plugin of others",
    addProvider("azure-native", { pluginDownloadURL: outsider }),
    "provider-settings",
    "pluginDownloadURL",
  ),
];

/** What can be lost, read or no longer be seen. */
const lossChanges: RefusedChange[] = [
  row(
    "protect: false with a new hub name",
    inOrder(unprotectInProd("terminals-hub"), set("terminals-hub", "resourceName", "iot-terminals-prod-new")),
    "resource-protected",
    "terminals-hub",
    "every terminal's identity",
  ),
  row(
    "retention of the audit log cut to a day",
    set("audit-immutability", "immutabilityPeriodSinceCreationInDays", 1),
    "retention-as-promised",
    "audit-immutability",
    "30 or more",
  ),
  row(
    "audit records that are deleted after a day",
    set("audit-lifecycle", lifecycleDays, 1),
    "audit-log-retention",
    "audit-account",
  ),
  row(
    "audit records that can be overwritten",
    set("audit-immutability", "allowProtectedAppendWrites", false),
    "audit-container-append-only",
    "allowProtectedAppendWrites",
  ),
  row(
    "files that are kept for a year",
    set("files-lifecycle", lifecycleDays, 365),
    "files-account-deletion",
    "files-account",
  ),
  row(
    "logs that are kept for a day",
    set("observability-workspace", "retentionInDays", 1),
    "retention-as-promised",
    "observability-workspace",
  ),
  row(
    "ignoreChanges on the TLS version",
    setOptions("files-account", { ignoreChanges: ["minimumTlsVersion"] }),
    "resource-no-ignored-changes",
    "minimumTlsVersion",
  ),
  row(
    "an alias of another account",
    setOptions("files-account", {
      aliases: ["urn:pulumi:dev::terminal-fleet::azure-native:storage:StorageAccount::other"],
    }),
    "resource-no-aliases",
    "other",
  ),
  row(
    "an alert that is off",
    set("observability-alerts-flow-keys-refused", "enabled", false),
    "alert-required",
    "observability-alerts-flow-keys-refused",
    "enabled",
  ),
  row(
    "an alert that is removed",
    remove("observability-alerts-hub-two-machines-one-key"),
    "alert-required",
    "hub-two-machines-one-key",
  ),
  row(
    "an alert that never fires",
    set("observability-alerts-file-keys-refused", "criteria.allOf.0.threshold", 1_000_000),
    "alert-required",
    "threshold",
  ),
  row(
    "an action group that is off",
    set("observability-alerts-people", "enabled", false),
    "resource-property-value",
    "enabled",
  ),
  row(
    "no logs of the audit account",
    remove("observability-audit-blobs-diagnostics"),
    "diagnostic-setting-present",
    "audit-account",
  ),
  row(
    "an operation with another path",
    set("flow-get-health", "urlTemplate", "/admin"),
    "api-management-operations",
    "/admin",
  ),
  row(
    "an API without a subscription key",
    set("flow-api", "subscriptionRequired", false),
    "api-management-api-subscription",
    "subscriptionRequired",
  ),
  row(
    "a policy that caches lookups",
    replaceInPolicy("<inbound>", "<inbound><cache-lookup />"),
    "api-management-api-policy-allowlist",
    "cache-lookup",
  ),
  row(
    "a public container",
    set("audit-container", "publicAccess", "Blob"),
    "blob-container-no-public-access",
    "publicAccess",
  ),
  row(
    "an account that terminals cannot reach",
    set("files-account", "publicNetworkAccess", "Disabled"),
    "resource-property-value",
    "publicNetworkAccess",
  ),
  row(
    "keys of the hub's service",
    set("terminals-hub", "properties.disableLocalAuth", false),
    "iot-hub-no-local-auth",
    "disableLocalAuth",
  ),
  row(
    "a key in an output, compressed",
    set("terminal-fleet-dev", "added", secretForms["a key compressed and in base64"]),
    "stack-no-secret-in-outputs",
    "added",
  ),
  row(
    "a key in a tag, reversed",
    set("terminals-hub", "tags.added", secretForms["a reversed key"]),
    "stack-no-secret-in-state",
    "tags.added",
  ),
  row(
    "a script that runs during a deployment",
    add("command:local:Command"),
    "stack-no-indirect-deployment",
    "added",
  ),
];

export const refusedChanges: RefusedChange[] = [...accessChanges, ...destinationChanges, ...lossChanges];

/** Changes that no rule can judge: the second team of CODEOWNERS must approve the file. */
export const reviewedChanges: [title: string, file: string][] = [
  ["an emptied policy pack", "policies/rules.ts"],
  ["an outsider who is added to the list", "policies/allowlists/outsiders.ts"],
  ["a shorter promise", "policies/allowlists/retention.ts"],
  ["a waiver of a rule", "policies/waivers.ts"],
  ["an accepted loss of data", "policies/accepted-changes.yaml"],
  ["withPolicyPack that passes none", "tools/pulumi-cli/policy-pack.ts"],
  ["a judge that always passes", "tools/judge/judge.ts"],
  ["a list of accepted mutations that accepts all", "test/policy/mutations/accepted.ts"],
  ["a workflow that skips the checks", ".github/workflows/pull-request.yml"],
  ["a linter that allows every import", "biome.json"],
  ["CODEOWNERS without the second team", ".github/CODEOWNERS"],
  ["another subscription in the settings", "Pulumi.prod.yaml"],
];
