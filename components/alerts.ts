import { ActionGroup } from "@pulumi/azure-native/monitor/actionGroup.js";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert.js";
import { ScheduledQueryRule } from "@pulumi/azure-native/monitor/scheduledQueryRule.js";
import * as pulumi from "@pulumi/pulumi";
import {
  type LogCondition,
  logConditions,
  type MetricCondition,
  metricConditions,
} from "./alert-conditions.ts";

/** Arguments of {@link Alerts}. */
export interface AlertsArgs {
  /** Name of the resource group of the alerts. */
  resourceGroupName: pulumi.Input<string>;
  /** Region of the workspace: its queries run there. */
  location: "westeurope";
  /** Resource ID of the Log Analytics workspace that holds the logs. */
  workspaceId: pulumi.Input<string>;
  /** Name of the action group: 1 to 260 characters. */
  actionGroupName: pulumi.Input<string>;
  /**
   * Returns the name of an alert, 1 to 260 characters, for its purpose.
   * @example (purpose) => `alert-${purpose}-dev`
   */
  alertName: (purpose: string) => pulumi.Input<string>;
  /** E-mail addresses that receive the notifications: at least one, each once. */
  emails: string[];
  /** The IoT Hub whose quota and throttles are monitored. */
  hub: {
    /** Resource ID of the IoT Hub. */
    id: pulumi.Input<string>;
    /** Tier. With the units, it sets the messages a day. */
    sku: "S1" | "S2" | "S3";
    /** Units of the tier: 1 to 200, with S3 1 to 10. */
    units: number;
  };
  /** Resource ID of the API Management service whose refused and failed calls are counted. */
  flowServiceId: pulumi.Input<string>;
  /** The availability test of the gateway. */
  availability: {
    /** Resource ID of the test. */
    testId: pulumi.Input<string>;
    /** Resource ID of the Application Insights component with its results. */
    componentId: pulumi.Input<string>;
  };
  /** Resource ID of the storage account of the files. */
  filesAccountId: pulumi.Input<string>;
  /** Resource ID of the storage account of the import jobs. */
  importsAccountId: pulumi.Input<string>;
  /** Tags of every alert and of the action group: at most 50. */
  tags: Record<string, string>;
}

/**
 * Alerts by e-mail: the IoT Hub is near its daily quota or throttles, a service rejects keys, two machines use one key, or
 * the Flow API cannot look terminals up or does not answer. `alert-conditions.ts` lists the conditions.
 *
 * @example
 * new Alerts("alerts", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   workspaceId: workspace.id,
 *   actionGroupName: "ag-terminals-dev",
 *   alertName: (purpose) => `alert-${purpose}-dev`,
 *   emails: ["operations@example.com"],
 *   hub: { id: hub.hubId, sku: "S1", units: 1 },
 *   flowServiceId: ingress.serviceId,
 *   availability: { testId: availability.testId, componentId: availability.componentId },
 *   filesAccountId: files.accountId,
 *   importsAccountId: imports.accountId,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class Alerts extends pulumi.ComponentResource {
  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Alerts", name, {}, opts);
    const parent = { parent: this };
    const receivers = actionGroup(name, args, parent);
    for (const condition of metricConditions(args)) {
      metricAlert(`${name}-${condition.purpose}`, condition, receivers.id, args, parent);
    }
    availabilityAlert(name, receivers.id, args, parent);
    for (const condition of logConditions(args)) {
      logAlert(`${name}-${condition.purpose}`, condition, receivers.id, args, parent);
    }
    this.registerOutputs({});
  }
}

function actionGroup(name: string, args: AlertsArgs, opts: pulumi.CustomResourceOptions): ActionGroup {
  return new ActionGroup(
    `${name}-people`,
    {
      resourceGroupName: args.resourceGroupName,
      actionGroupName: args.actionGroupName,
      location: "global",
      // Prefix of text messages: 12 characters at most.
      groupShortName: "terminals",
      enabled: true,
      emailReceivers: args.emails.map((emailAddress) => ({
        name: emailAddress,
        emailAddress,
        useCommonAlertSchema: true,
      })),
      tags: args.tags,
    },
    opts,
  );
}

/** Both kinds of alerts are evaluated every 5 minutes over the last 15, and resolve by themselves. */
const evaluation = {
  enabled: true,
  evaluationFrequency: "PT5M",
  windowSize: "PT15M",
  autoMitigate: true,
} as const;

function metricAlert(
  name: string,
  condition: MetricCondition,
  actionGroupId: pulumi.Input<string>,
  args: AlertsArgs,
  opts: pulumi.CustomResourceOptions,
): MetricAlert {
  return new MetricAlert(
    name,
    {
      ...evaluation,
      resourceGroupName: args.resourceGroupName,
      ruleName: args.alertName(condition.purpose),
      // Azure offers alerts on platform metrics without a region only. The data stays in the region of its resource.
      location: "global",
      description: condition.description,
      severity: condition.severity,
      scopes: [condition.scope],
      criteria: {
        odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [
          {
            criterionType: "StaticThresholdCriterion",
            name: condition.purpose,
            metricNamespace: condition.namespace,
            metricName: condition.metric,
            dimensions: condition.dimension && [{ ...condition.dimension, operator: "Include" }],
            timeAggregation: condition.aggregation,
            operator: "GreaterThan",
            threshold: condition.threshold,
          },
        ],
      },
      actions: [{ actionGroupId }],
      tags: args.tags,
    },
    opts,
  );
}

/** Fires when two of the five locations get another answer than they expect, so that one broken agent is no outage. */
function availabilityAlert(
  name: string,
  actionGroupId: pulumi.Input<string>,
  args: AlertsArgs,
  opts: pulumi.CustomResourceOptions,
): MetricAlert {
  const { testId, componentId } = args.availability;
  return new MetricAlert(
    `${name}-flow-unavailable`,
    {
      ...evaluation,
      resourceGroupName: args.resourceGroupName,
      ruleName: args.alertName("flow-unavailable"),
      location: "global",
      description:
        "The gateway of the Flow API does not answer from the internet, its certificate expires within 7 days, or it cannot look terminals up.",
      severity: 1,
      scopes: [testId, componentId],
      criteria: {
        odataType: "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria",
        webTestId: testId,
        componentId,
        failedLocationCount: 2,
      },
      actions: [{ actionGroupId }],
      tags: args.tags,
    },
    opts,
  );
}

function logAlert(
  name: string,
  condition: LogCondition,
  actionGroupId: pulumi.Input<string>,
  args: AlertsArgs,
  opts: pulumi.CustomResourceOptions,
): ScheduledQueryRule {
  return new ScheduledQueryRule(
    name,
    {
      ...evaluation,
      resourceGroupName: args.resourceGroupName,
      ruleName: args.alertName(condition.purpose),
      location: args.location,
      kind: "LogAlert",
      description: condition.description,
      severity: condition.severity,
      scopes: [args.workspaceId],
      // A table of a new workspace does not exist until it receives its first line.
      skipQueryValidation: true,
      criteria: {
        allOf: [
          {
            query: condition.query,
            timeAggregation: "Count",
            operator: "GreaterThan",
            threshold: condition.threshold,
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
          },
        ],
      },
      actions: { actionGroups: [actionGroupId] },
      tags: args.tags,
    },
    opts,
  );
}
