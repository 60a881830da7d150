import * as pulumi from "@pulumi/pulumi";
import { testCallsPerWindow } from "./availability-test.ts";

/** What all conditions have. */
interface Condition {
  /** Ends the names of the alert and of its resource. */
  purpose: string;
  /** Text of the notification: what happened, and the remedy. */
  description: string;
  /** 1: an outage. 2: needs attention on the same day. */
  severity: 1 | 2;
}

/** A condition on a platform metric. It works from the first minute on, because metrics need no table of a workspace. */
export interface MetricCondition extends Condition {
  /** Resource ID of the resource that has the metric. */
  scope: pulumi.Input<string>;
  /** Namespace of the metric: the resource type. */
  namespace: "Microsoft.Devices/IotHubs" | "Microsoft.ApiManagement/service";
  /** Name of the metric. */
  metric: string;
  /** Values of a dimension that count; undefined for all. */
  dimension?: {
    /** Name of the dimension, for example GatewayResponseCode. */
    name: string;
    /** The values, for example ["401"]. */
    values: string[];
  };
  /** How Azure Monitor combines the values of 15 minutes. */
  aggregation: "Total" | "Maximum";
  /** The alert fires above this value. */
  threshold: number;
}

/** A condition on the number of lines that a query returns. */
export interface LogCondition extends Condition {
  /** Query in the Kusto language, on one table: rules with `union` or `search` are not supported. */
  query: pulumi.Input<string>;
  /** The alert fires above this number of lines in 15 minutes. */
  threshold: number;
}

/** Messages a day and unit, by tier. Source: iot-hub/iot-hub-devguide-quotas-throttling. */
const messagesPerDay = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 } as const;

/** Share of the daily quota at which the alert fires. An IoT Hub without quota rejects the terminals' messages. */
const quotaWarningShare = 0.8;

/** How often in 15 minutes a new connection may close the older one of a terminal before two machines are suspected. */
const takeoversOfOneMachine = 3;

/** The conditions on platform metrics of the IoT Hub and the gateway. */
export function metricConditions(sources: {
  hub: { id: pulumi.Input<string>; sku: keyof typeof messagesPerDay; units: number };
  flowServiceId: pulumi.Input<string>;
}): MetricCondition[] {
  const { hub } = sources;
  const hubMetric = { scope: hub.id, namespace: "Microsoft.Devices/IotHubs", severity: 2 } as const;
  return [
    {
      ...hubMetric,
      purpose: "hub-near-quota",
      description: `The hub has used ${quotaWarningShare * 100} % of today's messages: add units before it refuses terminals.`,
      metric: "dailyMessageQuotaUsed",
      aggregation: "Maximum",
      threshold: messagesPerDay[hub.sku] * hub.units * quotaWarningShare,
    },
    {
      ...hubMetric,
      purpose: "hub-throttles-terminals",
      description:
        "The hub turns terminals' messages away because they come too fast for its tier and units.",
      metric: "d2c.telemetry.ingress.sendThrottle",
      aggregation: "Total",
      threshold: 0,
    },
    {
      ...gatewayResponses(sources.flowServiceId, "401"),
      purpose: "flow-keys-refused",
      description: "Calls to the Flow API come with keys that the gateway does not take.",
      severity: 2,
      // The calls of the availability test are refused too.
      threshold: 20 + testCallsPerWindow,
    },
    {
      ...gatewayResponses(sources.flowServiceId, "503", "504"),
      purpose: "flow-lookups-fail",
      description:
        "The gateway cannot look terminals up, so it lets no call through, or the Flow API does not answer.",
      severity: 1,
      threshold: 5,
    },
  ];
}

/**
 * The number of calls that the gateway answered with a status, for each of these. The service has one API.
 * Source: supported-metrics/microsoft-apimanagement-service-metrics; the v2 tiers have this metric.
 */
function gatewayResponses(
  serviceId: pulumi.Input<string>,
  ...statuses: string[]
): Omit<MetricCondition, "purpose" | "description" | "severity" | "threshold"> {
  return {
    scope: serviceId,
    namespace: "Microsoft.ApiManagement/service",
    metric: "Requests",
    dimension: { name: "GatewayResponseCode", values: statuses },
    aggregation: "Total",
  };
}

/** The IoT Hub's log of connections, with the terminal's ID. Source: iot-hub/monitor-iot-hub-reference. */
function connectionLines(operation: "deviceConnect" | "deviceDisconnect", ...results: string[]): string {
  const codes = results.map((code) => `"${code}"`).join(", ");
  return [
    "AzureDiagnostics",
    `where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and OperationName == "${operation}"`,
    `where ResultType in (${codes})`,
    "extend terminal = tostring(parse_json(properties_s).deviceId)",
  ].join(" | ");
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
      // Only on connecting: a session also ends with 401003 when its token expires (troubleshoot-error-codes). Terminals
      // and not lines: a refused terminal tries again every few minutes, for as long as it has power.
      purpose: "hub-connections-refused",
      description:
        "Several terminals try to connect with keys that the hub does not take (401003) or no longer (403012). After many terminals were revoked, this is expected until they are unplugged.",
      query: `${connectionLines("deviceConnect", "401003", "403012")} | distinct terminal`,
      threshold: 5,
      severity: 2,
    },
    {
      // 400027: the hub closed a connection because the same device ID connected again.
      purpose: "hub-two-machines-one-key",
      description:
        "Two machines connect with the key of one terminal and close each other's connection (400027): the terminal was copied, or its key was stolen. `terminals status` names it.",
      query: `${connectionLines("deviceDisconnect", "400027")} | summarize takeovers = count() by terminal | where takeovers > ${takeoversOfOneMachine}`,
      threshold: 0,
      severity: 2,
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
