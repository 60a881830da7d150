import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";

/** A job as the REST API returns it. The containers' URIs contain a SAS and are never returned. */
export interface Job {
  jobId: string;
  type: "import" | "export";
  status: "enqueued" | "running" | "completed" | "failed" | "cancelled";
  startTimeUtc: string;
  endTimeUtc: string | null;
  progress: number;
  outputBlobContainerUri: "";
  excludeKeysInExport: boolean;
  failureReason: string | null;
}

export const isActive = (job: Job): boolean => job.status === "enqueued" || job.status === "running";

/** The history of jobs covers 30 days. Source: "IoT Hub quotas and throttling", other limits. */
const historyMs = 30 * 24 * 3_600_000;

/** The jobs of all hubs, in the sandbox's store. */
export class JobTable {
  private readonly azure: AzureEnvironment;

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_jobs (hub TEXT, id TEXT, created INTEGER, job TEXT, PRIMARY KEY (hub, id)) WITHOUT ROWID",
    );
    this.failInterrupted();
  }

  /** @throws HubError JobNotFound. */
  get(hub: Hub, id: string): Job {
    const row = this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND id = ? AND created > ?")
      .get(hub.key, id, this.azure.clock.now() - historyMs);
    if (!row) throw new HubError("JobNotFound", `Job ${id} not found`);
    return JSON.parse(row.job as string) as Job;
  }

  /** The jobs of the last 30 days, newest first. */
  list(hub: Hub): Job[] {
    return this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND created > ? ORDER BY created DESC")
      .all(hub.key, this.azure.clock.now() - historyMs)
      .map((row) => JSON.parse(row.job as string) as Job);
  }

  isRunning(hub: Hub, id: string): boolean {
    const row = this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND id = ?")
      .get(hub.key, id);
    return row !== undefined && (JSON.parse(row.job as string) as Job).status === "running";
  }

  insert(hub: Hub, job: Job, created: number): void {
    this.azure.store.db
      .prepare("INSERT INTO iothub_jobs VALUES (?, ?, ?, ?)")
      .run(hub.key, job.jobId, created, JSON.stringify(job));
  }

  /** Changes a job that is active; a finished job stays as it is. */
  update(hub: Hub, id: string, change: Partial<Job>): void {
    const job = this.get(hub, id);
    if (isActive(job)) this.save(hub.key, { ...job, ...change });
  }

  finish(
    hub: Hub,
    id: string,
    status: "completed" | "failed" | "cancelled",
    failureReason: string | null = null,
  ): void {
    const endTimeUtc = new Date(this.azure.clock.now()).toISOString();
    const progress = status === "completed" ? { progress: 100 } : {};
    this.update(hub, id, { status, failureReason, endTimeUtc, ...progress });
  }

  deleteHub(hub: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_jobs WHERE hub = ?").run(hub);
  }

  private save(hubKey: string, job: Job): void {
    this.azure.store.db
      .prepare("UPDATE iothub_jobs SET job = ? WHERE hub = ? AND id = ?")
      .run(JSON.stringify(job), hubKey, job.jobId);
  }

  /** Fails the jobs that the last stop interrupted: their containers' URIs were in memory only. */
  private failInterrupted(): void {
    for (const row of this.azure.store.db.prepare("SELECT hub, job FROM iothub_jobs").all()) {
      const job = JSON.parse(row.job as string) as Job;
      if (!isActive(job)) continue;
      this.save(row.hub as string, {
        ...job,
        status: "failed",
        failureReason: "The sandbox was stopped while the job was active.",
      });
    }
  }
}
