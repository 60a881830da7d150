import { add, addCopy, edit, type Refusal, refusals, remove, type set } from "../changes.ts";

const backendUrl = (url: string): [string, ReturnType<typeof set>] => edit("flow-backend", "url", url);

/** Rules on who and what outside the stack is named, and on what belongs to the stack. */
export const outsiderRefusals: Refusal[] = [
  ...refusals("federated-credential-listed-pipeline", {
    "a foreign repository": edit("operators-ci-github-dev", "subject", "repo:outside/fork:environment:dev"),
    "a repository with a longer name": edit(
      "operators-ci-github-dev",
      "subject",
      "repo:example-org/terminal-fleet-fork:environment:dev",
    ),
    "every subject of the repository": edit(
      "operators-ci-github-dev",
      "subject",
      "repo:example-org/terminal-fleet:*",
    ),
    "a branch": edit(
      "operators-ci-github-dev",
      "subject",
      "repo:example-org/terminal-fleet:ref:refs/heads/main",
    ),
    "the environment of another stack": edit(
      "operators-ci-github-dev",
      "subject",
      "repo:example-org/terminal-fleet:environment:prod",
    ),
    "an issuer that is not listed": edit("operators-ci-github-dev", "issuer", "https://outside.example.net"),
  }),
  ...refusals("api-management-backend-host", {
    "a backend host that is not listed": backendUrl("https://outside.example.net"),
    "a host that ends in another domain": backendUrl("https://flow-dev.example.com.outside.example.net"),
    "a host behind a user name": backendUrl("https://flow-dev.example.com@outside.example.net"),
    "Azure's metadata service": backendUrl("https://169.254.169.254/metadata/instance"),
    "the metadata service as one number": backendUrl("https://2852039166/"),
    "a private address": backendUrl("https://10.0.0.4"),
    "an address of this computer": backendUrl("https://[::1]/"),
    "an IPv4 address of this computer that is written as an IPv6 one": backendUrl(
      "https://[::ffff:127.0.0.1]",
    ),
    "a local name": backendUrl("https://localhost/"),
    "the Flow API of another stack": backendUrl("https://flow.example.com"),
  }),
  ...refusals("api-management-publisher", {
    "a publisher with an address of another domain": edit(
      "flow-service",
      "publisherEmail",
      "a@outside.example.net",
    ),
    "notifications from an address of another domain": edit(
      "flow-service",
      "notificationSenderEmail",
      "a@outside.example.net",
    ),
    "a publisher without a name": edit("flow-service", "publisherName", undefined),
  }),
  ...refusals("api-management-operations", {
    "an operation with another path": edit("flow-get-health", "urlTemplate", "/admin"),
    "an operation with another method": edit("flow-look-up-employees", "method", "DELETE"),
    "another operation": ["added", addCopy("flow-get-health", { operationId: "more", urlTemplate: "/all" })],
    "an operation without the parameter of its path": edit("flow-get-balance", "templateParameters", []),
    "an operation with an optional parameter": edit(
      "flow-get-balance",
      "templateParameters.0.required",
      false,
    ),
    "an operation on all paths": edit("flow-get-health", "urlTemplate", "/*"),
    "an operation that is declared twice": ["added", addCopy("flow-get-health", { operationId: "second" })],
    "an API without POST": ["flow-api", remove("flow-look-up-employees")],
  }),
  ...refusals("stack-output-hosts", {
    "a blob endpoint outside the stack": edit(
      "terminal-fleet-dev",
      "filesBlobEndpoint",
      "https://stoutside.blob.core.windows.net/",
    ),
    "the ID of an account outside the stack": edit(
      "terminal-fleet-dev",
      "filesAccountResourceId",
      "/subscriptions/s/resourceGroups/rg-terminals-dev/providers/Microsoft.Storage/storageAccounts/other",
    ),
    "a hub's host outside Azure": edit(
      "terminal-fleet-dev",
      "hubHostName",
      "iot-terminals-dev-abc123.example.net",
    ),
    "a host of the stack as the user name of another": edit(
      "terminal-fleet-dev",
      "flowUrl",
      "https://apim-flow-dev-abc123.azure-api.net@outside.example.net/flow",
    ),
  }),
  ...refusals("resource-subscription", {
    "logs that go to another subscription": edit(
      "observability-hub-diagnostics",
      "workspaceId",
      "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/rg-terminals-dev/providers/Microsoft.OperationalInsights/workspaces/log-terminals-dev-abc123",
    ),
  }),
  ...refusals("resource-parent-from-stack", {
    "a hub in a resource group outside the stack": edit("terminals-hub", "resourceGroupName", "rg-elsewhere"),
    "files in the resource group of the other region": edit(
      "files-account",
      "resourceGroupName",
      "rg-flow-dev",
    ),
    "an operation of a service outside the stack": edit("flow-get-health", "serviceName", "apim-elsewhere"),
    "an operation of an API outside the stack": edit("flow-get-health", "apiId", "elsewhere"),
    "a lifecycle policy that names the group of another account": edit(
      "files-lifecycle",
      "resourceGroupName",
      "rg-flow-dev",
    ),
  }),
  ...refusals("storage-account-copy-of-files-only", {
    "an audit account with a replica in another region": edit("audit-account", "sku.name", "Standard_GZRS"),
  }),
  ...refusals("resource-count", {
    "a second hub": ["added", addCopy("terminals-hub", { resourceName: "iot-second" })],
    "a second group of operators": ["added", addCopy("operators-group")],
    "a stack without the pipelines' membership": [
      "terminal-fleet-dev",
      remove("operators-application-member"),
    ],
    "a second lifecycle policy of an account": ["added", addCopy("files-lifecycle")],
  }),
  ...refusals("resource-unique", {
    "two declarations of one account": ["added", addCopy("files-account")],
    "a role that is assigned twice": ["added", addCopy("operators-audit")],
  }),
  ...refusals("resource-property-value", {
    "an account that terminals cannot reach": edit("files-account", "publicNetworkAccess", "Disabled"),
    "a firewall that refuses terminals": edit("files-account", "networkRuleSet.defaultAction", "Deny"),
    "a gateway that terminals cannot reach": edit("flow-service", "publicNetworkAccess", "Disabled"),
    "a hub without a unit": edit("terminals-hub", "sku.capacity", 0),
    "a gateway without a unit": edit("flow-service", "sku.capacity", 0),
    "a hub that keeps messages for a week": edit(
      "terminals-hub",
      "properties.eventHubEndpoints.events.retentionTimeInDays",
      7,
    ),
    "another path of the API": edit("flow-api", "path", "flow2"),
  }),
  ...refusals("role-definition-scope", {
    "a custom role that is assignable in another resource group": edit(
      "operators-audit-role",
      "assignableScopes.0",
      "/subscriptions/s/resourceGroups/rg-elsewhere",
    ),
    "a custom role in a subscription": edit("operators-audit-role", "scope", "/subscriptions/s"),
    "a custom role with fewer actions than listed": edit(
      "operators-import-role",
      "permissions.0.dataActions",
      [],
    ),
  }),
  ...refusals("resource-tag-values", {
    "a tag that names another environment": edit("terminals-hub", "tags.environment", "prod"),
  }),
  ...refusals("resource-property-allowlist", {
    "an alert that sends more to a webhook": edit(
      "observability-alerts-flow-keys-refused",
      "actions.0.webHookProperties",
      {
        to: "outside",
      },
    ),
    "an action group with an Azure function": [
      "added",
      add("azure-native:monitor:ActionGroup", { azureFunctionReceivers: [{ name: "f" }] }),
    ],
  }),
];
