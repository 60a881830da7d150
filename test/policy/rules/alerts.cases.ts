import { addCopy, edit, inOrder, type Refusal, refusals, remove, set, unprotectInProd } from "../changes.ts";

const metric = "observability-alerts-flow-keys-refused";
const log = "observability-alerts-hub-two-machines-one-key";
const people = "observability-alerts-people";

/** Rules on what is told to whom. */
export const alertRefusals: Refusal[] = [
  ...refusals("alert-required", {
    "a stack without the alert on refused Flow keys": ["terminal-fleet-dev", remove(metric)],
    "a stack without the alert on copied terminals": ["terminal-fleet-dev", remove(log)],
    "an alert that is off": edit(metric, "enabled", false),
    "an alert that is evaluated once a day": edit(log, "evaluationFrequency", "P1D"),
    "an alert with a higher threshold": edit(metric, "criteria.allOf.0.threshold", 41),
    "an alert on the availability test with another scope": edit(
      "observability-alerts-flow-unavailable",
      "scopes",
      ["/subscriptions/s/other"],
    ),
    "an alert on the availability test that needs three places": edit(
      "observability-alerts-flow-unavailable",
      "criteria.failedLocationCount",
      3,
    ),
    "an alert on another availability test": edit(
      "observability-alerts-flow-unavailable",
      "criteria.webTestId",
      "/subscriptions/s/other",
    ),
    "an alert on the quota with a higher threshold than 80 %": edit(
      "observability-alerts-hub-near-quota",
      "criteria.allOf.0.threshold",
      400_000,
    ),
    "an alert on fewer calls than a number": edit(metric, "criteria.allOf.0.operator", "LessThan"),
    "an alert on another status": edit(metric, "criteria.allOf.0.dimensions.0.values", ["200"]),
    "an alert on another metric": edit(metric, "criteria.allOf.0.metricName", "Capacity"),
    "an alert with another query": edit(log, "criteria.allOf.0.query", "AzureDiagnostics | take 0"),
    "an alert on another workspace": edit(log, "scopes", [
      "/subscriptions/s/resourceGroups/rg-terminals-dev/providers/Microsoft.OperationalInsights/workspaces/other",
    ]),
    "an alert that is less urgent": edit("observability-alerts-flow-lookups-fail", "severity", 4),
    "an alert that is not listed": ["added", addCopy(log, { ruleName: "alert-more-dev" })],
  }),
  ...refusals("alert-action-group", {
    "a metric alert without an action": edit(metric, "actions", []),
    "a log alert without an action": edit(log, "actions.actionGroups", []),
    "an alert that goes to another action group": edit(
      metric,
      "actions.0.actionGroupId",
      "/subscriptions/s/resourceGroups/rg-elsewhere/providers/Microsoft.Insights/actionGroups/other",
    ),
  }),
  ...refusals("action-group-receivers", {
    "an action group without an address": edit(people, "emailReceivers", []),
    "an address of another domain": edit(people, "emailReceivers.0.emailAddress", "a@outside.example.net"),
    "a domain that ends in the listed one": edit(people, "emailReceivers.0.emailAddress", "a@notexample.com"),
    "a webhook": edit(people, "webhookReceivers", [{ name: "w", serviceUri: "https://outside.example.net" }]),
  }),
  ...refusals("resource-property-value", {
    "an action group that is off": edit(people, "enabled", false),
    "a backend without its circuit breaker": edit("flow-backend", "circuitBreaker.rules", []),
    "an availability test from one place": edit("observability-availability-test", "locations", [
      { location: "emea-nl-ams-azr" },
    ]),
    "a gateway log without the callers' addresses": edit("flow-log", "logClientIp", false),
  }),
  ...refusals("retention-as-promised", {
    "logs that are kept for 29 days": edit("observability-workspace", "retentionInDays", 29),
    "audit records that are kept for a day": edit(
      "audit-immutability",
      "immutabilityPeriodSinceCreationInDays",
      1,
    ),
    "files that can be restored for a day": edit("files-blobs", "deleteRetentionPolicy.days", 1),
    "audit records of prod that are kept for a year": [
      "audit-immutability",
      inOrder(
        unprotectInProd("audit-immutability"),
        set("audit-immutability", "immutabilityPeriodSinceCreationInDays", 365),
      ),
    ],
  }),
  ...refusals("audit-log-retention", {
    "an audit log without its lifecycle rule": ["audit-account", remove("audit-lifecycle")],
    "audit records that are deleted long after their time": [
      "audit-account",
      set(
        "audit-lifecycle",
        "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
        3650,
      ),
    ],
  }),
];
