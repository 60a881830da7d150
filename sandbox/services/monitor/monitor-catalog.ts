/** The logs and metrics of a resource type in Azure Monitor. */
interface MonitoredType {
  /** Categories of resource logs. */
  logs: string[];
  /** Categories of metrics in diagnostic settings. */
  metricCategories: string[];
  /** Names of platform metrics, on which alerts can be based. */
  metrics: string[];
}

const outcomes = (name: string) => [`${name}.success`, `${name}.failure`];
const outcomesAndSize = (name: string) => [...outcomes(name), `${name}.size`];

const storageMetrics = [
  "Transactions",
  "Ingress",
  "Egress",
  "SuccessServerLatency",
  "SuccessE2ELatency",
  "Availability",
];

const storageLogs = ["StorageRead", "StorageWrite", "StorageDelete"];

/** By resource type. Source: Azure Monitor documentation, "Supported log categories" and "Supported metrics" of each type. */
export const monitoredTypes: Record<string, MonitoredType> = {
  "Microsoft.Devices/IotHubs": {
    logs: [
      "Connections",
      "DeviceTelemetry",
      "C2DCommands",
      "DeviceIdentityOperations",
      "FileUploadOperations",
      "Routes",
      "D2CTwinOperations",
      "C2DTwinOperations",
      "TwinQueries",
      "JobsOperations",
      "DirectMethods",
      "DistributedTracing",
      "Configurations",
      "DeviceStreams",
    ],
    metricCategories: ["AllMetrics"],
    metrics: [
      "C2DMessagesExpired",
      "EventGridDeliveries",
      "EventGridLatency",
      "RoutingDataSizeInBytesDelivered",
      "RoutingDeliveries",
      "RoutingDeliveryLatency",
      "c2d.commands.egress.abandon.success",
      "c2d.commands.egress.complete.success",
      "c2d.commands.egress.reject.success",
      ...outcomes("c2d.methods"),
      "c2d.methods.requestSize",
      "c2d.methods.responseSize",
      ...outcomesAndSize("c2d.twin.read"),
      ...outcomesAndSize("c2d.twin.update"),
      "configurations",
      "connectedDeviceCount",
      "d2c.endpoints.egress.builtIn.events",
      "d2c.endpoints.latency.builtIn.events",
      "d2c.telemetry.egress.dropped",
      "d2c.telemetry.egress.fallback",
      "d2c.telemetry.egress.invalid",
      "d2c.telemetry.egress.orphaned",
      "d2c.telemetry.egress.success",
      "d2c.telemetry.ingress.allProtocol",
      "d2c.telemetry.ingress.sendThrottle",
      "d2c.telemetry.ingress.success",
      ...outcomesAndSize("d2c.twin.read"),
      ...outcomesAndSize("d2c.twin.update"),
      "dailyMessageQuotaUsed",
      "deviceDataUsage",
      "deviceDataUsageV2",
      "devices.connectedDevices.allProtocol",
      "devices.totalDevices",
      ...outcomes("jobs.cancelJob"),
      "jobs.completed",
      ...outcomes("jobs.createDirectMethodJob"),
      ...outcomes("jobs.createTwinUpdateJob"),
      "jobs.failed",
      ...outcomes("jobs.listJobs"),
      ...outcomes("jobs.queryJobs"),
      "totalDeviceCount",
      ...outcomes("twinQueries"),
      "twinQueries.resultSize",
    ],
  },
  "Microsoft.Storage/storageAccounts": {
    logs: [],
    metricCategories: ["Transaction", "Capacity"],
    metrics: ["UsedCapacity", ...storageMetrics],
  },
  "Microsoft.Storage/storageAccounts/blobServices": {
    logs: storageLogs,
    metricCategories: ["Transaction", "Capacity"],
    metrics: ["BlobCapacity", "BlobCount", "ContainerCount", "IndexCapacity", ...storageMetrics],
  },
  "Microsoft.Storage/storageAccounts/tableServices": {
    logs: storageLogs,
    metricCategories: ["Transaction", "Capacity"],
    metrics: ["TableCapacity", "TableCount", "TableEntityCount", ...storageMetrics],
  },
  "Microsoft.ApiManagement/service": {
    logs: [
      "GatewayLogs",
      "WebSocketConnectionLogs",
      "DeveloperPortalAuditLogs",
      "GatewayLlmLogs",
      "GatewayMCPLogs",
    ],
    metricCategories: ["AllMetrics"],
    metrics: [
      "BackendDuration",
      "CPUPercent_Gateway",
      "Capacity",
      "Duration",
      "FailedRequests",
      "MemoryPercent_Gateway",
      "NetworkConnectivity",
      "OtherRequests",
      "Requests",
      "SuccessfulRequests",
      "TotalRequests",
      "UnauthorizedRequests",
    ],
  },
  "Microsoft.OperationalInsights/workspaces": {
    logs: ["Audit", "Jobs", "SummaryLogs"],
    metricCategories: ["AllMetrics"],
    metrics: [],
  },
};

/**
 * Dimensions of metrics, by resource type and metric. A metric that is not in the list has none in the sandbox.
 * Source: supported-metrics/microsoft-apimanagement-service-metrics (the v2 tiers lack metrics of event hubs only).
 */
export const metricDimensions: Record<string, Record<string, string[]>> = {
  "Microsoft.ApiManagement/service": {
    Requests: [
      "Location",
      "Hostname",
      "LastErrorReason",
      "BackendResponseCode",
      "GatewayResponseCode",
      "BackendResponseCodeCategory",
      "GatewayResponseCodeCategory",
      "ApiId",
    ],
  },
};
