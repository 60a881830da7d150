import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import { Alerts } from "./alerts.ts";
import { AvailabilityTest } from "./availability-test.ts";

/** Arguments of {@link Observability}. */
export interface ObservabilityArgs {
  /** Name of the resource group of the workspace and the alerts. */
  resourceGroupName: pulumi.Input<string>;
  /** Region of the logs. They name terminals and addresses, so they stay in West Europe. */
  location: "westeurope";
  /** Name of the Log Analytics workspace: 4 to 63 characters. */
  workspaceName: pulumi.Input<string>;
  /** Name of the action group: 1 to 260 characters. */
  actionGroupName: pulumi.Input<string>;
  /** Name of the Application Insights component with the results of the availability test: 1 to 260 characters. */
  availabilityResultsName: pulumi.Input<string>;
  /** Name of the availability test: 1 to 260 characters. */
  availabilityTestName: pulumi.Input<string>;
  /**
   * Returns the name of an alert, 1 to 260 characters, for its purpose.
   * @example (purpose) => `alert-${purpose}-dev`
   */
  alertName: (purpose: string) => pulumi.Input<string>;
  /** Days that logs are kept: 30 to 730. */
  retentionDays: number;
  /** E-mail addresses that receive the alerts: at least one, each once. */
  alertEmails: string[];
  /** The IoT Hub. */
  hub: {
    /** Resource ID of the IoT Hub. */
    id: pulumi.Input<string>;
    /** Tier. With the units, it sets the daily quota that an alert monitors. */
    sku: "S1" | "S2" | "S3";
    /** Units of the tier: 1 to 200, with S3 1 to 10. */
    units: number;
  };
  /** Resource ID of the storage account of the files. */
  filesAccountId: pulumi.Input<string>;
  /** Resource ID of the storage account of the import jobs. */
  importsAccountId: pulumi.Input<string>;
  /** Resource ID of the storage account of the audit log. */
  auditAccountId: pulumi.Input<string>;
  /** Resource ID of the storage account of the key table. */
  keysAccountId: pulumi.Input<string>;
  /** Resource ID of the API Management service. */
  flowServiceId: pulumi.Input<string>;
  /** URL of the Flow API that terminals call. The availability test calls it. */
  flowUrl: pulumi.Input<string>;
  /** Tags of the workspace, the action group and the alerts: at most 50. */
  tags: Record<string, string>;
}

/**
 * One workspace for all logs and metrics, a diagnostic setting for each source of them, the availability test of the
 * gateway, and the alerts.
 *
 * @example
 * new Observability("observability", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   workspaceName: "log-terminals-dev-abc123",
 *   actionGroupName: "ag-terminals-dev",
 *   availabilityResultsName: "appi-terminals-dev",
 *   availabilityTestName: "webtest-flow-dev",
 *   alertName: (purpose) => `alert-${purpose}-dev`,
 *   retentionDays: 90,
 *   alertEmails: ["operations@example.com"],
 *   hub: { id: hub.hubId, sku: "S1", units: 1 },
 *   filesAccountId: files.accountId,
 *   importsAccountId: imports.accountId,
 *   auditAccountId: audit.accountId,
 *   keysAccountId: keyTable.accountId,
 *   flowServiceId: ingress.serviceId,
 *   flowUrl: ingress.url,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class Observability extends pulumi.ComponentResource {
  /** Resource ID of the Log Analytics workspace. */
  readonly workspaceId: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Observability", name, {}, opts);
    // Only the workspace holds what cannot be recreated: the logs.
    const replaceable = { parent: this, protect: false };

    const workspace = logWorkspace(name, args, { parent: this });
    for (const source of diagnosticSources(args, workspace.id)) {
      diagnosticSetting(name, source, workspace.id, replaceable);
    }
    const availability = new AvailabilityTest(
      `${name}-availability`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        componentName: args.availabilityResultsName,
        testName: args.availabilityTestName,
        workspaceId: workspace.id,
        url: args.flowUrl,
        tags: args.tags,
      },
      replaceable,
    );
    new Alerts(
      `${name}-alerts`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        workspaceId: workspace.id,
        actionGroupName: args.actionGroupName,
        alertName: args.alertName,
        emails: args.alertEmails,
        hub: args.hub,
        flowServiceId: args.flowServiceId,
        availability: { testId: availability.testId, componentId: availability.componentId },
        filesAccountId: args.filesAccountId,
        importsAccountId: args.importsAccountId,
        tags: args.tags,
      },
      replaceable,
    );

    this.workspaceId = workspace.id;
    this.registerOutputs({ workspaceId: this.workspaceId });
  }
}

function logWorkspace(name: string, args: ObservabilityArgs, opts: pulumi.CustomResourceOptions): Workspace {
  return new Workspace(
    `${name}-workspace`,
    {
      resourceGroupName: args.resourceGroupName,
      workspaceName: args.workspaceName,
      location: args.location,
      sku: { name: "PerGB2018" },
      retentionInDays: args.retentionDays,
      features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true },
      // Azure services write the logs, and people read them in a browser. Both sign in with Entra ID.
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      tags: args.tags,
    },
    opts,
  );
}

/** A resource that sends logs or metrics to the workspace. */
interface DiagnosticSource {
  /** Part of the setting's resource name. */
  key: string;
  resourceId: pulumi.Input<string>;
  /** Whether the resource type has logs. */
  hasLogs: boolean;
  /** Metric categories of the resource type. */
  metrics: string[];
  /** Writes to tables of the resource type's own. Set where Azure still offers the common table AzureDiagnostics. */
  tables?: "Dedicated";
}

/**
 * Metric categories of a storage account and its services, which have no AllMetrics. Azure exports only the number of
 * containers from Capacity; the account's own metrics hold the rest (supported-metrics/microsoft-storage-*).
 */
const storageMetrics = ["Transaction", "Capacity"];

function diagnosticSources(args: ObservabilityArgs, workspaceId: pulumi.Input<string>): DiagnosticSource[] {
  const allMetrics = ["AllMetrics"];
  return [
    { key: "hub", resourceId: args.hub.id, hasLogs: true, metrics: allMetrics },
    ...storageSources("files", args.filesAccountId, "blob"),
    ...storageSources("imports", args.importsAccountId, "blob"),
    ...storageSources("audit", args.auditAccountId, "blob"),
    ...storageSources("keys", args.keysAccountId, "table"),
    { key: "flow", resourceId: args.flowServiceId, hasLogs: true, metrics: allMetrics, tables: "Dedicated" },
    { key: "workspace", resourceId: workspaceId, hasLogs: true, metrics: allMetrics },
  ];
}

/**
 * The account has metrics only, and each of its services has logs. The account's metrics count the requests to all its
 * services, so they also show requests to a service that the product does not use, such as queues.
 */
function storageSources(
  key: string,
  accountId: pulumi.Input<string>,
  service: "blob" | "table",
): DiagnosticSource[] {
  const serviceId = pulumi.interpolate`${accountId}/${service}Services/default`;
  return [
    { key: `${key}-account`, resourceId: accountId, hasLogs: false, metrics: storageMetrics },
    { key: `${key}-${service}s`, resourceId: serviceId, hasLogs: true, metrics: storageMetrics },
  ];
}

function diagnosticSetting(
  name: string,
  source: DiagnosticSource,
  workspaceId: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  new DiagnosticSetting(
    `${name}-${source.key}-diagnostics`,
    {
      name: "terminal-fleet",
      resourceUri: source.resourceId,
      workspaceId,
      logAnalyticsDestinationType: source.tables,
      logs: source.hasLogs ? [{ categoryGroup: "allLogs", enabled: true }] : undefined,
      metrics: source.metrics.map((category) => ({ category, enabled: true })),
    },
    opts,
  );
}
