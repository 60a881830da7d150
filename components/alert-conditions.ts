import * as pulumi from "@pulumi/pulumi";

/** A condition on a platform metric of the IoT Hub. */
export interface MetricCondition {
  /** Ends the names of the alert and of its resource. */
  purpose: string;
  /** Text of the notification: what happened, and the remedy. */
  description: string;
  /** Name of the metric in the namespace Microsoft.Devices/IotHubs. */
  metric: string;
  /** How Azure Monitor combines the values of 15 minutes. */
  aggregation: "Total" | "Maximum";
  /** The alert fires above this value. */
  threshold: number;
}

/** A condition on the number of log lines that a query finds. */
export interface LogCondition {
  /** Ends the names of the alert and of its resource. */
  purpose: string;
  /** Text of the notification: what happened. */
  description: string;
  /** Query in the Kusto language. */
  query: pulumi.Input<string>;
  /** The alert fires above this number of lines in 15 minutes. */
  threshold: number;
  /** 1: an outage. 2: needs attention on the same day. */
  severity: 1 | 2;
}

/** Messages a day and unit, by tier. Source: iot-hub/iot-hub-devguide-quotas-throttling. */
const messagesPerDay = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 } as const;

/** Share of the daily quota at which the alert fires. An IoT Hub without quota rejects the terminals' messages. */
const quotaWarningShare = 0.8;

/** The conditions on metrics of an IoT Hub with this tier and units. */
export function metricConditions(hub: {
  sku: keyof typeof messagesPerDay;
  units: number;
}): MetricCondition[] {
  return [
    {
      purpose: "hub-near-quota",
      description: `The hub has used ${quotaWarningShare * 100} % of today's messages: add units before it refuses terminals.`,
      metric: "dailyMessageQuotaUsed",
      aggregation: "Maximum",
      threshold: messagesPerDay[hub.sku] * hub.units * quotaWarningShare,
    },
    {
      purpose: "hub-throttles-terminals",
      description:
        "The hub turns terminals' messages away because they come too fast for its tier and units.",
      metric: "d2c.telemetry.ingress.sendThrottle",
      aggregation: "Total",
      threshold: 0,
    },
  ];
}

/** The conditions on the logs in the workspace. */
export function logConditions(accounts: {
  filesAccountId: pulumi.Input<string>;
  importsAccountId: pulumi.Input<string>;
}): LogCondition[] {
  return [
    {
      purpose: "hub-throttles-operators",
      description: "The hub turned operations on identities, twins or jobs away as too many (429).",
      query: `AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and ResultType startswith "429"`,
      threshold: 20,
      severity: 2,
    },
    {
      purpose: "hub-connections-refused",
      description:
        "Terminals try to connect with keys that the hub does not take (401003) or no longer (403012).",
      query: `AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and ResultType in ("401003", "403012")`,
      threshold: 20,
      severity: 2,
    },
    {
      purpose: "flow-keys-refused",
      description: "Calls to the Flow API come with keys that the gateway does not take.",
      query: `ApiManagementGatewayLogs | where ApiId == "flow" and ResponseCode == 401`,
      threshold: 20,
      severity: 2,
    },
    {
      purpose: "flow-lookups-fail",
      description: "The gateway cannot look terminals up, so it lets no call through.",
      query: `ApiManagementGatewayLogs | where ApiId == "flow" and ResponseCode == 503`,
      threshold: 5,
      severity: 1,
    },
    {
      purpose: "file-keys-refused",
      description: "Requests for files come with keys that are not valid, or no longer.",
      query: refusedBlobRequests(accounts.filesAccountId),
      threshold: 20,
      severity: 2,
    },
    {
      purpose: "import-keys-refused",
      description:
        "Requests come to the account that holds terminals' keys while they are imported, with keys that are not valid.",
      query: refusedBlobRequests(accounts.importsAccountId),
      threshold: 5,
      severity: 2,
    },
  ];
}

/** All accounts log their blob requests to one table, in which the status is text. Source: tables/storagebloblogs. */
function refusedBlobRequests(accountId: pulumi.Input<string>): pulumi.Output<string> {
  const name = pulumi.output(accountId).apply((id) => id.slice(id.lastIndexOf("/") + 1));
  return pulumi.interpolate`StorageBlobLogs | where AccountName == "${name}" and StatusCode == "403"`;
}
