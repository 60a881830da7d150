import type { StatementSync } from "node:sqlite";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";

const settingType = "Microsoft.Insights/diagnosticSettings";
const settingFolder = `/providers/${settingType}/`.toLowerCase();

/** A line of a log, by column. */
export type LogLine = Record<string, unknown>;

/** A line that a service writes to the log of a resource. */
export interface LogEntry {
  /** Resource ID. */
  resourceId: string;
  /** Category of the resource type's logs, for example Connections. */
  category: string;
  /** Table in the workspace, for example AzureDiagnostics. */
  table: string;
  /** The columns besides TimeGenerated, Category and _ResourceId. */
  line: LogLine;
}

/** Selects lines of a table. */
export interface LogSelection {
  /** From this time on, in milliseconds since 1970. */
  sinceMs: number;
  /** The workspace's customerId; undefined for all workspaces. */
  workspace?: string;
  /** Resource ID of the resource that wrote the lines; undefined for all resources. */
  resourceId?: string;
}

/** A value of a platform metric. */
export interface MetricValue {
  atMs: number;
  value: number;
  dimensions: Record<string, string>;
}

/**
 * The logs and platform metrics of the sandbox. A line reaches the workspaces to which a declared diagnostic setting of its
 * resource sends its category, and no other place. Platform metrics exist without a setting, as in Azure.
 */
export class MonitorData {
  private readonly azure: AzureEnvironment;
  private readonly insertLine: StatementSync;
  private readonly insertMetric: StatementSync;
  /** Workspaces by resource and category. Emptied when a setting or a workspace changes. */
  private destinations = new Map<string, string[]>();

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
    const { db } = azure.store;
    db.exec(
      "CREATE TABLE IF NOT EXISTS monitor_logs (workspace TEXT, name TEXT, resource TEXT, at_ms REAL, line TEXT)",
    );
    db.exec("CREATE INDEX IF NOT EXISTS monitor_logs_time ON monitor_logs (name, at_ms)");
    db.exec(
      "CREATE TABLE IF NOT EXISTS monitor_metrics (resource TEXT, metric TEXT, at_ms REAL, value REAL, dimensions TEXT)",
    );
    db.exec("CREATE INDEX IF NOT EXISTS monitor_metrics_time ON monitor_metrics (resource, metric, at_ms)");
    this.insertLine = db.prepare("INSERT INTO monitor_logs VALUES (?, ?, ?, ?, ?)");
    this.insertMetric = db.prepare("INSERT INTO monitor_metrics VALUES (?, ?, ?, ?, ?)");
    const forget = ({ type }: Resource) => {
      if (/diagnosticsettings$|operationalinsights\/workspaces$/i.test(type)) this.destinations.clear();
    };
    azure.resources.on("put", forget);
    azure.resources.on("delete", forget);
  }

  writeLog({ resourceId, category, table, line }: LogEntry): void {
    const atMs = this.azure.clock.now();
    const whole = JSON.stringify({
      TimeGenerated: new Date(atMs).toISOString(),
      Category: category,
      _ResourceId: resourceId.toLowerCase(),
      ...line,
    });
    for (const workspace of this.workspacesOf(resourceId, category)) {
      this.insertLine.run(workspace, table, resourceId.toLowerCase(), atMs, whole);
    }
  }

  /** The lines of a table, the oldest first. */
  readLog(table: string, { sinceMs, workspace, resourceId }: LogSelection): LogLine[] {
    const rows = this.azure.store.db
      .prepare(
        "SELECT workspace, resource, line FROM monitor_logs WHERE name = ? AND at_ms >= ? ORDER BY at_ms, rowid",
      )
      .all(table, sinceMs);
    return rows
      .filter((row) => workspace === undefined || row.workspace === workspace)
      .filter((row) => resourceId === undefined || row.resource === resourceId.toLowerCase())
      .map((row) => JSON.parse(row.line as string) as LogLine);
  }

  writeMetric(resourceId: string, metric: string, dimensions: Record<string, string>, value = 1): void {
    const atMs = this.azure.clock.now();
    this.insertMetric.run(resourceId.toLowerCase(), metric, atMs, value, JSON.stringify(dimensions));
  }

  readMetric(resourceId: string, metric: string, sinceMs: number): MetricValue[] {
    const rows = this.azure.store.db
      .prepare(
        "SELECT at_ms, value, dimensions FROM monitor_metrics WHERE resource = ? AND metric = ? AND at_ms >= ?",
      )
      .all(resourceId.toLowerCase(), metric, sinceMs);
    return rows.map((row) => ({
      atMs: row.at_ms as number,
      value: row.value as number,
      dimensions: JSON.parse(row.dimensions as string),
    }));
  }

  private workspacesOf(resourceId: string, category: string): string[] {
    const key = `${resourceId.toLowerCase()} ${category}`;
    const known = this.destinations.get(key);
    if (known) return known;
    const { resources } = this.azure;
    const workspaces = resources
      .list(settingType)
      .filter(({ id }) => id.toLowerCase().startsWith(`${resourceId.toLowerCase()}${settingFolder}`))
      .filter(({ properties }) => sends(properties.logs as LogSetting[] | undefined, category))
      .flatMap(
        ({ properties }) => resources.get(String(properties.workspaceId))?.properties.customerId ?? [],
      );
    this.destinations.set(key, workspaces as string[]);
    return workspaces as string[];
  }
}

interface LogSetting {
  category?: string;
  categoryGroup?: string;
  enabled: boolean;
}

function sends(logs: LogSetting[] = [], category: string): boolean {
  return logs.some(
    (each) => each.enabled && (each.category === category || each.categoryGroup === "allLogs"),
  );
}
