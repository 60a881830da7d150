import { isBetween } from "../azure/engine/checks.ts";
import { types } from "../azure/engine/type-tokens.ts";
import { isEmpty, type Value } from "../azure/engine/value.ts";

/** A property, the values that it may have, and what another value would do. */
export interface PropertyValue {
  path: string;
  /** The values, as the message says it: "it must be REQUIREMENT". */
  requirement: string;
  isAllowed: (value: Value) => boolean;
  /** In one sentence. */
  why: string;
}

const oneOf = (path: string, values: Value[], why: string): PropertyValue => ({
  path,
  requirement: values.map((value) => (value === undefined ? "absent" : JSON.stringify(value))).join(" or "),
  isAllowed: (value) => values.includes(value),
  why,
});

const numberFrom = (path: string, minimum: number, maximum: number, why: string): PropertyValue => ({
  path,
  requirement: `${minimum} to ${maximum}`,
  isAllowed: isBetween(minimum, maximum),
  why,
});

const matching = (path: string, pattern: RegExp, requirement: string, why: string): PropertyValue => ({
  path,
  requirement,
  isAllowed: (value) => typeof value === "string" && pattern.test(value),
  why,
});

const absent = (path: string, why: string): PropertyValue => ({
  path,
  requirement: "absent or empty",
  isAllowed: isEmpty,
  why,
});

/** JSON whose members are sorted: the engine does not keep the program's order. */
const toSortedJson = (value: Value): string =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => one.localeCompare(other)))
      : inner,
  );

/** A list or a map, compared as JSON. */
const exactly = (path: string, wanted: Value, why: string): PropertyValue => ({
  path,
  requirement: JSON.stringify(wanted),
  isAllowed: (value) => toSortedJson(value) === toSortedJson(wanted),
  why,
});

const noQuery = { queryParams: [{ mode: "Hide", value: "*" }] };
const loggedSecrets = "The log would hold what a query or a body says, or a key.";
const silentTest = "An outage of the gateway would stay unseen.";

const reachable = "Terminals connect from addresses that are not known, and none could connect.";
const hashedAlert = "The alert would not fire, or nobody would read it.";

/** Values that no rule of their own is about, by type. */
export const requiredValues: Record<string, PropertyValue[]> = {
  [types.storageAccount]: [
    oneOf(
      "tags.holds",
      ["files", "audit", "flow-keys", "device-imports"],
      "Other rules select an account by it.",
    ),
    oneOf(
      "sku.name",
      ["Standard_ZRS", "Standard_GZRS"],
      "Data must survive the loss of a zone, and a readable copy in another region is a second way to it.",
    ),
    oneOf("kind", ["StorageV2"], "Other kinds lack lifecycle rules, zone redundancy or tables."),
    oneOf(
      "accessTier",
      ["Hot"],
      "Reading from the cool tiers costs more, and their files have a minimum lifetime.",
    ),
    oneOf(
      "defaultToOAuthAuthentication",
      [true],
      "The portal would use the account key, and logs no user's name.",
    ),
    oneOf("publicNetworkAccess", ["Enabled"], reachable),
    oneOf("networkRuleSet.defaultAction", ["Allow"], reachable),
    absent("networkRuleSet.ipRules", reachable),
    absent("networkRuleSet.virtualNetworkRules", reachable),
    oneOf("encryption.keySource", ["Microsoft.Storage"], "The loss of another key is the loss of all data."),
    oneOf("sasPolicy.expirationAction", ["Block"], "Azure would only log links that are valid for too long."),
  ],
  [types.iotHub]: [
    oneOf(
      "sku.name",
      ["S1", "S2", "S3"],
      "Free and Basic hubs have no twins of terminals or too small quotas.",
    ),
    numberFrom("sku.capacity", 1, 200, "Without a unit the hub takes no message."),
    oneOf("properties.eventHubEndpoints.events.partitionCount", [4], "Azure cannot change the number later."),
    oneOf(
      "properties.eventHubEndpoints.events.retentionTimeInDays",
      [1],
      "Terminals' messages are personal data, and nothing reads them later.",
    ),
    oneOf(
      "properties.enableFileUploadNotifications",
      [false, undefined],
      "Terminals upload no files to the hub.",
    ),
  ],
  [types.apiManagement]: [
    oneOf("publicNetworkAccess", ["Enabled"], reachable),
    numberFrom("sku.capacity", 1, 10, "Without a unit the gateway answers no call."),
    oneOf("disableGateway", [false, undefined], "The gateway would answer no call."),
    oneOf("enableClientCertificate", [false, undefined], "Terminals have no client certificates."),
    oneOf(
      "natGatewayState",
      ["Disabled", undefined],
      "The v2 tiers have none, and it changes the gateway's address.",
    ),
    oneOf("virtualNetworkType", ["None", undefined], reachable),
    oneOf("restore", [false, undefined], "A restored service brings its old APIs and subscriptions with it."),
  ],
  [types.api]: [
    oneOf("apiId", ["flow"], "The customers' subscriptions name the API by it."),
    oneOf("path", ["flow"], "Terminals call the path, and it is in every bundle of credentials."),
  ],
  [types.apiPolicy]: [
    oneOf("policyId", ["policy"], "Azure reads the policy of an API under this name only."),
  ],
  [types.apiDiagnostic]: [
    oneOf("diagnosticId", ["azuremonitor"], "Other destinations are outside the workspace."),
    matching(
      "loggerId",
      /\/loggers\/azuremonitor$/,
      "that of azuremonitor",
      "Other destinations are outside the workspace.",
    ),
    exactly("frontend.request.headers", ["X-Terminal-Id"], loggedSecrets),
    exactly("backend.request.headers", ["X-Terminal-Id", "X-Customer-Id"], loggedSecrets),
    exactly("frontend.response.headers", ["X-Request-Id"], loggedSecrets),
    exactly("backend.response.headers", [], loggedSecrets),
    ...["frontend.request", "backend.request"].map((message) =>
      exactly(`${message}.dataMasking`, noQuery, loggedSecrets),
    ),
    ...["frontend.request", "frontend.response", "backend.request", "backend.response"].map((message) =>
      oneOf(`${message}.body.bytes`, [0], loggedSecrets),
    ),
    oneOf("sampling.percentage", [100], "Calls would be missing in the log."),
    oneOf("alwaysLog", ["allErrors"], "Failed calls would be missing in the log."),
    oneOf("verbosity", ["information"], "The log would lack calls that end well, or hold traces."),
    oneOf("logClientIp", [true], "The log would not tell where a refused call came from."),
  ],
  [types.availabilityTest]: [
    oneOf("enabled", [true], silentTest),
    oneOf("kind", ["standard"], silentTest),
    oneOf("webTestKind", ["standard"], silentTest),
    matching("syntheticMonitorId", /^webtest-flow-(dev|prod)$/, "the name of the test", silentTest),
    oneOf("frequency", [300], silentTest),
    oneOf("timeout", [30], "A slow gateway would pass, or a busy one would fail."),
    oneOf("retryEnabled", [true], "One lost packet would wake somebody."),
    exactly(
      "locations",
      [
        { location: "emea-nl-ams-azr" },
        { location: "emea-gb-db3-azr" },
        { location: "emea-ru-msa-edge" },
        { location: "emea-se-sto-edge" },
        { location: "emea-fr-pra-edge" },
      ],
      "The alert counts places, and its threshold counts on these five.",
    ),
    oneOf("request.httpVerb", ["GET"], silentTest),
    oneOf("request.followRedirects", [false], "The answer of another host would pass."),
    oneOf("request.parseDependentRequests", [false], "The test would call other hosts."),
    oneOf("validationRules.sSLCertRemainingLifetimeCheck", [7], "A certificate would expire unseen."),
    exactly(
      "validationRules.contentValidation",
      { contentMatch: "unknown terminal or key", ignoreCase: false, passIfTextFound: true },
      "The 401 of another host would pass.",
    ),
    oneOf("validationRules.expectedHttpStatusCode", [401], silentTest),
    oneOf("validationRules.ignoreHttpStatusCode", [false], silentTest),
    oneOf("validationRules.sSLCheck", [true], silentTest),
    matching(
      "request.requestUrl",
      /^https:\/\/apim-[a-z0-9-]+\.azure-api\.net\/flow\/health$/,
      "the gateway's /flow/health",
      silentTest,
    ),
    absent("request.headers", "A test's settings are no place for a key."),
  ],
  [types.insightsComponent]: [
    oneOf("publicNetworkAccessForIngestion", ["Enabled"], "The test's agents could not store their results."),
    oneOf("publicNetworkAccessForQuery", ["Enabled"], "The alert on the test could not read the results."),
    matching(
      "workspaceResourceId",
      /\/workspaces\/log-terminals-(dev|prod)-[a-z0-9]{6}$/,
      "the stack's workspace",
      "The results would be outside the workspace and its retention.",
    ),
  ],
  [types.backend]: [
    oneOf("protocol", ["http"], "The Flow API is no SOAP service."),
    exactly(
      "circuitBreaker.rules",
      [
        {
          failureCondition: { count: 20, interval: "PT1M", statusCodeRanges: [{ max: 599, min: 500 }] },
          name: "flow-api-fails",
          tripDuration: "PT15S",
        },
      ],
      "A Flow API that fails would get all calls, or one that works would get none.",
    ),
  ],
  [types.workspace]: [
    oneOf("sku.name", ["PerGB2018"], "Other tiers keep logs for a week, or cost a fixed price."),
    oneOf("publicNetworkAccessForIngestion", ["Enabled"], "Azure's services could not write their logs."),
    oneOf("publicNetworkAccessForQuery", ["Enabled"], "Nobody could read the logs."),
    oneOf(
      "features.enableLogAccessUsingOnlyResourcePermissions",
      [true],
      "Who may read one resource's logs would need the right to read all logs.",
    ),
  ],
  [types.diagnosticSetting]: [
    oneOf(
      "name",
      ["terminal-fleet"],
      "A setting with another name stays when this one is deleted, and logs twice.",
    ),
    oneOf("logAnalyticsDestinationType", ["Dedicated", undefined], "The alerts would query an empty table."),
  ],
  [types.actionGroup]: [
    oneOf("enabled", [true], hashedAlert),
    matching("groupShortName", /^.{1,12}$/, "a name of 1 to 12 characters", hashedAlert),
  ],
  [types.blobContainer]: [oneOf("containerName", ["audit"], "The command line writes the audit log there.")],
  [types.table]: [
    oneOf("tableName", ["terminalkeys"], "The keys of all terminals are in the table of this name."),
  ],
  [types.blobService]: [oneOf("blobServicesName", ["default"], "Azure knows no other name.")],
  [types.lifecyclePolicy]: [oneOf("managementPolicyName", ["default"], "Azure knows no other name.")],
  [types.immutabilityPolicy]: [oneOf("immutabilityPolicyName", ["default"], "Azure knows no other name.")],
  [types.group]: [
    oneOf("securityEnabled", [true], "A group without it gets no role."),
    oneOf(
      "mailEnabled",
      [false, undefined],
      "A group with a mailbox can be joined without an administrator.",
    ),
    oneOf("preventDuplicateNames", [true], "Another group of the name could be taken for this one."),
  ],
  [types.application]: [
    oneOf("preventDuplicateNames", [true], "Another application of the name could be taken for this one."),
  ],
  [types.servicePrincipal]: [oneOf("accountEnabled", [true, undefined], "The pipelines could not sign in.")],
  [types.roleDefinition]: [oneOf("roleType", ["CustomRole"], "A built-in role is Microsoft's.")],
  [types.randomString]: [
    oneOf("length", [6], "Names would be too long for Azure, or taken."),
    oneOf("lower", [true], "Names have lower-case letters and digits."),
    oneOf("numeric", [true], "Names have lower-case letters and digits."),
    oneOf("upper", [false], "Azure refuses upper-case letters in names of accounts."),
    oneOf("special", [false], "Azure refuses special characters in names of accounts."),
  ],
};
