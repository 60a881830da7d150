import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import { Alerts } from "./alerts.ts";

/** Arguments of {@link Observability}. */
export interface ObservabilityArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region of the logs: they name terminals and addresses, so it is West Europe. */
  location: string;
  workspaceName: pulumi.Input<string>;
  actionGroupName: pulumi.Input<string>;
  /** Gives the name of an alert from its purpose. */
  alertName: (purpose: string) => pulumi.Input<string>;
  /** Days for which logs are kept: 30 to 730. */
  retentionDays: number;
  /** Who is told when an alert fires. */
  alertEmails: string[];
  /** The IoT Hub, with what sets its daily quota. */
  hub: { id: pulumi.Input<string>; sku: "S1" | "S2" | "S3"; units: number };
  filesAccountId: pulumi.Input<string>;
  importsAccountId: pulumi.Input<string>;
  auditAccountId: pulumi.Input<string>;
  keysAccountId: pulumi.Input<string>;
  flowServiceId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** Where all logs and metrics go, and who is told when something is wrong. */
export class Observability extends pulumi.ComponentResource {
  /** Resource ID of the Log Analytics workspace. */
  readonly workspaceId: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Observability", name, {}, opts);

    // Only the workspace holds something that cannot be made again: the logs.
    const replaceable = { parent: this, protect: false };
    const workspace = new Workspace(
      `${name}-workspace`,
      {
        resourceGroupName: args.resourceGroupName,
        workspaceName: args.workspaceName,
        location: args.location,
        sku: { name: "PerGB2018" },
        retentionInDays: args.retentionDays,
        features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true },
        // Azure's own services write and people's browsers read; both sign in with Entra ID.
        publicNetworkAccessForIngestion: "Enabled",
        publicNetworkAccessForQuery: "Enabled",
        tags: args.tags,
      },
      { parent: this },
    );

    const diagnose = (key: string, resourceUri: pulumi.Input<string>, what: Diagnosed) =>
      new DiagnosticSetting(
        `${name}-${key}-diagnostics`,
        {
          name: "terminal-fleet",
          resourceUri,
          workspaceId: workspace.id,
          ...(what.tables ? { logAnalyticsDestinationType: what.tables } : {}),
          ...(what.logs ? { logs: [{ categoryGroup: "allLogs", enabled: true }] } : {}),
          metrics: what.metrics.map((category) => ({ category, enabled: true })),
        },
        replaceable,
      );
    diagnose("hub", args.hub.id, { logs: true, metrics: ["AllMetrics"] });
    // Of a storage account each service has logs of its own; the account itself has metrics alone. Those count what
    // is asked of all its services, so that somebody who uses one that nothing of ours uses (queues, file shares, and
    // tables or blobs) shows there, without three more settings for each account.
    const storage = (key: string, accountId: pulumi.Input<string>, service: "blob" | "table") => {
      diagnose(`${key}-account`, accountId, { logs: false, metrics: storageMetrics });
      const serviceId = pulumi.interpolate`${accountId}/${service}Services/default`;
      diagnose(`${key}-${service}s`, serviceId, { logs: true, metrics: storageMetrics });
    };
    storage("files", args.filesAccountId, "blob");
    storage("imports", args.importsAccountId, "blob");
    storage("audit", args.auditAccountId, "blob");
    storage("keys", args.keysAccountId, "table");
    diagnose("flow", args.flowServiceId, { logs: true, metrics: ["AllMetrics"], tables: "Dedicated" });
    diagnose("workspace", workspace.id, { logs: true, metrics: ["AllMetrics"] });

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

interface Diagnosed {
  logs: boolean;
  /** The categories of metrics that the type has. */
  metrics: string[];
  /** "Dedicated" for tables of the type's own, where the type still offers the old common one. */
  tables?: "Dedicated";
}

/**
 * What Azure Monitor takes in place of AllMetrics from a storage account and its services. Of Capacity, it exports
 * the number of containers only; the rest is in the account's own metrics (supported-metrics/microsoft-storage-*).
 */
const storageMetrics = ["Transaction", "Capacity"];
