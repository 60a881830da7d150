import { availabilityAlert, requiredLogAlerts, requiredMetricAlerts } from "../../allowlists/alerts.ts";
import { findStack, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { valueAt } from "../../azure/engine/value.ts";
import { describeAvailabilityAlert, describeLogAlert, describeMetricAlert } from "./alert-differences.ts";

export const alertRequired: StackRule = {
  id: "alert-required",
  severity: "high",
  description:
    "Each alert of policies/allowlists/alerts.ts is declared once, is on, and fires on what the list says.",
  reason: "Without the alert, or with one that is too quiet, an attack or an outage stays unseen.",
  remedy:
    "Declare the component Alerts as it is; to change an alert, change policies/allowlists/alerts.ts too.",
  sources: [microsoftLearn("Azure Monitor alerts", "azure/azure-monitor/alerts/alerts-overview")],
  checkStack: (resources) => [
    ...requiredMetricAlerts.flatMap((required) =>
      checkOne(resources, types.metricAlert, required, (alert) =>
        describeMetricAlert(resources, alert, required),
      ),
    ),
    ...requiredLogAlerts.flatMap((required) =>
      checkOne(resources, types.logAlert, required, (alert) => describeLogAlert(resources, alert, required)),
    ),
    ...checkOne(resources, types.metricAlert, availabilityAlert, (alert) =>
      describeAvailabilityAlert(resources, alert, availabilityAlert),
    ),
    ...findUnlisted(resources),
  ],
};

/** The alert with this purpose at the end of its name. */
const alertsFor = (resources: DeclaredResource[], type: string, purpose: string) =>
  resourcesOfType(resources, type).filter(({ name }) => name.endsWith(`-${purpose}`));

function checkOne(
  resources: DeclaredResource[],
  type: string,
  { purpose, unseen }: { purpose: string; unseen: string },
  describe: (alert: DeclaredResource) => string[],
): Violation[] {
  const [alert] = alertsFor(resources, type, purpose);
  if (!alert) {
    const problem = `the alert ${purpose} is not declared; without it, nobody sees that ${unseen}.`;
    return [{ resource: findStack(resources), problem }];
  }
  return describe(alert).map((problem) => ({ resource: alert, problem }));
}

/** An alert that is not listed can send what logs hold to others, and hides the listed ones among its mails. */
function findUnlisted(resources: DeclaredResource[]): Violation[] {
  const listed = [
    ...requiredMetricAlerts.map(({ purpose }) => alertsFor(resources, types.metricAlert, purpose)[0]),
    alertsFor(resources, types.metricAlert, availabilityAlert.purpose)[0],
    ...requiredLogAlerts.map(({ purpose }) => alertsFor(resources, types.logAlert, purpose)[0]),
  ];
  return [types.metricAlert, types.logAlert]
    .flatMap((type) => resourcesOfType(resources, type))
    .filter((alert) => !listed.includes(alert))
    .map((resource) => ({
      resource,
      problem: `the alert ${String(valueAt(resource.properties, "ruleName") ?? resource.name)} is not in policies/allowlists/alerts.ts.`,
    }));
}
