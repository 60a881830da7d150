/** What Azure Monitor offers of a resource type. */
interface Monitored {
  /** Categories of resource logs. */
  logs: string[];
  /** Categories of metrics in diagnostic settings. */
  metricCategories: string[];
  /** Names of platform metrics, which alerts watch. */
  metrics: string[];
}

const job = (name: string) => [`${name}.success`, `${name}.failure`];
const sized = (name: string) => [...job(name), `${name}.size`];

const storageMetrics = [
  "Transactions",
  "Ingress",
  "Egress",
  "SuccessServerLatency",
  "SuccessE2ELatency",
  "Availability",
];

const storageLogs = ["StorageRead", "StorageWrite", "StorageDelete"];

/** Source: Azure Monitor documentation, "Supported log categories" and "Supported metrics", a page a type. */
export const monitored: Record<string, Monitored> = {
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
      ...job("c2d.methods"),
      "c2d.methods.requestSize",
      "c2d.methods.responseSize",
      ...sized("c2d.twin.read"),
      ...sized("c2d.twin.update"),
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
      ...sized("d2c.twin.read"),
      ...sized("d2c.twin.update"),
      "dailyMessageQuotaUsed",
      "deviceDataUsage",
      "deviceDataUsageV2",
      "devices.connectedDevices.allProtocol",
      "devices.totalDevices",
      ...job("jobs.cancelJob"),
      "jobs.completed",
      ...job("jobs.createDirectMethodJob"),
      ...job("jobs.createTwinUpdateJob"),
      "jobs.failed",
      ...job("jobs.listJobs"),
      ...job("jobs.queryJobs"),
      "totalDeviceCount",
      ...job("twinQueries"),
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
