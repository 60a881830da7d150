import type { DeclaredResource } from "../azure/engine/rule.ts";
import { idPaths } from "../azure/engine/stack-values.ts";
import { types } from "../azure/engine/type-tokens.ts";
import { type Value, valueAt } from "../azure/engine/value.ts";

/*
 * The complete list of alerts: what fires them and at which number. The list repeats what components/alert-conditions.ts
 * declares, so that each change of an alert is a change of this file too.
 */

interface RequiredAlert {
  /** Ends the name of the alert. */
  purpose: string;
  /** What happens unseen without the alert. */
  unseen: string;
  /** 1: an outage. 2: needs attention on the same day. A lower number is more urgent. */
  severity: number;
}

export interface RequiredMetricAlert extends RequiredAlert {
  /** The type of the resource that has the metric, and its ID. */
  scope: { type: string; idPath: string };
  namespace: string;
  metric: string;
  aggregation: string;
  dimension?: { name: string; values: string[] };
  /** The alert fires above this number, or above a lower one. */
  threshold: number | ((scope: DeclaredResource) => Value);
}

export interface RequiredLogAlert extends RequiredAlert {
  /** The whole query, with {files} and {imports} for the names of these accounts. */
  query: string;
  /** The alert fires above this number of lines, or above a lower one. */
  threshold: number;
}

/** Messages a day and unit. Source: iot-hub/iot-hub-devguide-quotas-throttling. */
const messagesPerDay: Record<string, number> = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 };

const hub = { type: types.iotHub, idPath: idPaths.iotHub };
const gateway = { type: types.apiManagement, idPath: idPaths.apiManagement };
const ofHub = { scope: hub, namespace: "Microsoft.Devices/IotHubs", severity: 2 };
const ofGateway = {
  scope: gateway,
  namespace: "Microsoft.ApiManagement/service",
  metric: "Requests",
  aggregation: "Total",
};

export const requiredMetricAlerts: RequiredMetricAlert[] = [
  {
    ...ofHub,
    purpose: "hub-near-quota",
    unseen: "the hub refuses terminals for the rest of the day",
    metric: "dailyMessageQuotaUsed",
    aggregation: "Maximum",
    // 80 % of what the tier and its units have.
    threshold: ({ properties }) => {
      const [tier, units] = [valueAt(properties, "sku.name"), valueAt(properties, "sku.capacity")];
      const perDay = messagesPerDay[String(tier)];
      return perDay !== undefined && typeof units === "number" ? perDay * units * 0.8 : undefined;
    },
  },
  {
    ...ofHub,
    purpose: "hub-throttles-terminals",
    unseen: "the hub turns terminals away because they come too fast",
    metric: "d2c.telemetry.ingress.sendThrottle",
    aggregation: "Total",
    threshold: 0,
  },
  {
    ...ofGateway,
    purpose: "flow-keys-refused",
    unseen: "keys of the Flow API are guessed, or are wrong at a customer",
    severity: 2,
    dimension: { name: "GatewayResponseCode", values: ["401"] },
    // 20, and the refused calls of the availability test in the window.
    threshold: 40,
  },
  {
    ...ofGateway,
    purpose: "flow-lookups-fail",
    unseen: "the gateway lets no call through, or the Flow API does not answer",
    severity: 1,
    dimension: { name: "GatewayResponseCode", values: ["503", "504"] },
    threshold: 5,
  },
];

/** The alert on the availability test: it fires when so many of the test's locations, or fewer, get a wrong answer. */
export const availabilityAlert = {
  purpose: "flow-unavailable",
  unseen: "the gateway does not answer from the internet",
  severity: 1,
  failedLocationCount: 2,
};

const connections = (operation: string, codes: string) =>
  `AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and OperationName == "${operation}" | where ResultType in (${codes}) | extend terminal = tostring(parse_json(properties_s).deviceId)`;

export const requiredLogAlerts: RequiredLogAlert[] = [
  {
    purpose: "hub-throttles-operators",
    unseen: "the hub turns operators' work away",
    query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and ResultType startswith "429"',
    threshold: 20,
    severity: 2,
  },
  {
    purpose: "hub-connections-refused",
    unseen: "terminals with wrong or revoked keys try to connect",
    query: `${connections("deviceConnect", '"401003", "403012"')} | distinct terminal`,
    threshold: 5,
    severity: 2,
  },
  {
    purpose: "hub-two-machines-one-key",
    unseen: "a terminal was copied, or its key was stolen",
    query: `${connections("deviceDisconnect", '"400027"')} | summarize takeovers = count() by terminal | where takeovers > 3`,
    threshold: 0,
    severity: 2,
  },
  {
    purpose: "file-keys-refused",
    unseen: "links to files are guessed, or are out of date",
    query: 'StorageBlobLogs | where AccountName == "{files}" and StatusCode == "403"',
    threshold: 20,
    severity: 2,
  },
  {
    purpose: "import-keys-refused",
    unseen: "links to device keys are guessed while terminals are imported",
    query: 'StorageBlobLogs | where AccountName == "{imports}" and StatusCode == "403"',
    threshold: 5,
    severity: 2,
  },
];
