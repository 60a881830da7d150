import { ActionGroup } from "@pulumi/azure-native/monitor/actionGroup.js";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert.js";
import { ScheduledQueryRule } from "@pulumi/azure-native/monitor/scheduledQueryRule.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Alerts}. */
export interface AlertsArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region of the workspace, in which its queries run. */
  location: string;
  workspaceId: pulumi.Input<string>;
  actionGroupName: pulumi.Input<string>;
  /** Gives the name of an alert from its purpose. */
  alertName: (purpose: string) => pulumi.Input<string>;
  emails: string[];
  hub: { id: pulumi.Input<string>; sku: keyof typeof dailyMessages; units: number };
  filesAccountId: pulumi.Input<string>;
  importsAccountId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** Messages a day and unit. Source: iot-hub/iot-hub-devguide-quotas-throttling. */
const dailyMessages = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 } as const;

/** Part of the daily quota at which somebody should know; a hub that has used all of it refuses terminals. */
const quotaWarning = 0.8;

interface MetricWatch {
  purpose: string;
  description: string;
  metric: string;
  aggregation: "Total" | "Maximum";
  above: number;
}

interface LogWatch {
  purpose: string;
  description: string;
  query: pulumi.Input<string>;
  /** Lines in 15 minutes that are still normal. */
  above: number;
  /** 1 is an outage, 2 wants a look the same day. */
  severity: 1 | 2;
}

/** Severity 2: wants a look the same day. */
const metricWatches = (hub: AlertsArgs["hub"]): MetricWatch[] => [
  {
    purpose: "hub-near-quota",
    description: `The hub has used ${quotaWarning * 100} % of today's messages: add units before it refuses terminals.`,
    metric: "dailyMessageQuotaUsed",
    aggregation: "Maximum",
    above: dailyMessages[hub.sku] * hub.units * quotaWarning,
  },
  {
    purpose: "hub-throttles-terminals",
    description: "The hub turns terminals' messages away because they come too fast for its tier and units.",
    metric: "d2c.telemetry.ingress.sendThrottle",
    aggregation: "Total",
    above: 0,
  },
];

const logWatches = (accounts: Pick<AlertsArgs, "filesAccountId" | "importsAccountId">): LogWatch[] => [
  {
    purpose: "hub-throttles-operators",
    description: "The hub turned operations on identities, twins or jobs away as too many (429).",
    query: `AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and ResultType startswith "429"`,
    above: 20,
    severity: 2,
  },
  {
    purpose: "hub-connections-refused",
    description:
      "Terminals try to connect with keys that the hub does not take (401003) or no longer (403012).",
    query: `AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and ResultType in ("401003", "403012")`,
    above: 20,
    severity: 2,
  },
  {
    purpose: "flow-keys-refused",
    description: "Calls to the Flow API come with keys that the gateway does not take.",
    query: `ApiManagementGatewayLogs | where ApiId == "flow" and ResponseCode == 401`,
    above: 20,
    severity: 2,
  },
  {
    purpose: "flow-lookups-fail",
    description: "The gateway cannot look terminals up, so it lets no call through.",
    query: `ApiManagementGatewayLogs | where ApiId == "flow" and ResponseCode == 503`,
    above: 5,
    severity: 1,
  },
  {
    purpose: "file-keys-refused",
    description: "Requests for files come with keys that are not valid, or no longer.",
    query: refusedBlobs(accounts.filesAccountId),
    above: 20,
    severity: 2,
  },
  {
    purpose: "import-keys-refused",
    description:
      "Requests come to the account that holds terminals' keys while they are imported, with keys that are not valid.",
    query: refusedBlobs(accounts.importsAccountId),
    above: 5,
    severity: 2,
  },
];

/** The logs of all accounts' blobs are in one table, in which the status is text (tables/storagebloblogs). */
function refusedBlobs(accountId: pulumi.Input<string>): pulumi.Output<string> {
  const name = pulumi.output(accountId).apply((id) => id.slice(id.lastIndexOf("/") + 1));
  return pulumi.interpolate`StorageBlobLogs | where AccountName == "${name}" and StatusCode == "403"`;
}

/** Tells people about throttling, failed sign-ins and a hub that is near its quota. */
export class Alerts extends pulumi.ComponentResource {
  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Alerts", name, {}, opts);
    const { resourceGroupName, tags } = args;
    const parent = { parent: this };

    const people = new ActionGroup(
      `${name}-people`,
      {
        resourceGroupName,
        actionGroupName: args.actionGroupName,
        location: "global",
        // Stands in front of text messages; 12 characters at most.
        groupShortName: "terminals",
        enabled: true,
        emailReceivers: args.emails.map((emailAddress) => ({
          name: emailAddress,
          emailAddress,
          useCommonAlertSchema: true,
        })),
        tags,
      },
      parent,
    );

    for (const watch of metricWatches(args.hub)) {
      new MetricAlert(
        `${name}-${watch.purpose}`,
        {
          resourceGroupName,
          ruleName: args.alertName(watch.purpose),
          // Rules on a platform metric are global; what they watch stays where it is.
          location: "global",
          description: watch.description,
          enabled: true,
          severity: 2,
          scopes: [args.hub.id],
          evaluationFrequency: "PT5M",
          windowSize: "PT15M",
          autoMitigate: true,
          criteria: {
            odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            allOf: [
              {
                criterionType: "StaticThresholdCriterion",
                name: watch.purpose,
                metricNamespace: "Microsoft.Devices/IotHubs",
                metricName: watch.metric,
                timeAggregation: watch.aggregation,
                operator: "GreaterThan",
                threshold: watch.above,
              },
            ],
          },
          actions: [{ actionGroupId: people.id }],
          tags,
        },
        parent,
      );
    }

    for (const watch of logWatches(args)) {
      new ScheduledQueryRule(
        `${name}-${watch.purpose}`,
        {
          resourceGroupName,
          ruleName: args.alertName(watch.purpose),
          location: args.location,
          kind: "LogAlert",
          description: watch.description,
          enabled: true,
          severity: watch.severity,
          scopes: [args.workspaceId],
          evaluationFrequency: "PT5M",
          windowSize: "PT15M",
          autoMitigate: true,
          // A new workspace has none of the tables until the first line arrives in them.
          skipQueryValidation: true,
          criteria: {
            allOf: [
              {
                query: watch.query,
                timeAggregation: "Count",
                operator: "GreaterThan",
                threshold: watch.above,
                failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
              },
            ],
          },
          actions: { actionGroups: [people.id] },
          tags,
        },
        parent,
      );
    }
    this.registerOutputs({});
  }
}
