import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError, notKnown } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { BulkRegistry } from "../registry/bulk.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { parseAs } from "../registry/identity.ts";
import { BlobContainer, type Outbound } from "./blob-container.ts";
import { exportDevices } from "./export.ts";
import { devicesBlob, importDevices } from "./import.ts";

/** One of these names, in any case: the SDKs for C# and Node write IdentityBased, the REST reference identityBased. */
function anyCase<const Names extends readonly string[]>(names: Names) {
  const known = (text: unknown) =>
    names.find((name) => name.toLowerCase() === String(text).toLowerCase()) ?? text;
  return z.preprocess(known, z.enum(names));
}

/** What the service fills in itself: sent back with a job, it is ignored. */
const readOnly = z.unknown().optional();
const requestSchema = z.strictObject({
  type: anyCase(["import", "export"]),
  inputBlobContainerUri: z.string().nullish(),
  outputBlobContainerUri: z.string().nullish(),
  inputBlobName: z.string().nullish(),
  outputBlobName: z.string().nullish(),
  excludeKeysInExport: z.boolean().nullish(),
  storageAuthenticationType: anyCase(["keyBased", "identityBased"]).nullish(),
  includeConfigurations: z.boolean().nullish(),
  configurationsBlobName: z.string().nullish(),
  identity: z.unknown().optional(),
  jobId: readOnly,
  startTimeUtc: readOnly,
  endTimeUtc: readOnly,
  status: readOnly,
  progress: readOnly,
  failureReason: readOnly,
});
type JobRequest = z.infer<typeof requestSchema>;

/** A job as the REST API shows it; the containers' URIs are never shown again. */
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

/** A job waits this long before it runs; live hubs took about three seconds for all of one. */
const startDelayMs = 1000;
/** Job history is kept 30 days. Source: "IoT Hub quotas and throttling", other limits. */
const historyMs = 30 * 24 * 3_600_000;

/** Import and export jobs, one at a time for each hub. */
export class ImportExportJobs {
  private readonly azure: AzureEnvironment;
  private readonly bulk: BulkRegistry;
  private readonly devices: DeviceTable;
  private readonly outbound: (() => Outbound) | undefined;
  private readonly cancelling = new AbortController();

  constructor(
    azure: AzureEnvironment,
    bulk: BulkRegistry,
    devices: DeviceTable,
    outbound: (() => Outbound) | undefined,
  ) {
    this.azure = azure;
    this.bulk = bulk;
    this.devices = devices;
    this.outbound = outbound;
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_jobs (hub TEXT, id TEXT, created INTEGER, job TEXT, PRIMARY KEY (hub, id)) WITHOUT ROWID",
    );
    this.failInterrupted();
  }

  /**
   * Checks a job's containers and starts it.
   * @throws HubError ArgumentInvalid, BlobContainerValidationError (the SAS does not let the hub do what the job
   *   will), JobQuotaExceeded while another one is active.
   */
  async create(hub: Hub, body: unknown): Promise<Job> {
    const request = parseAs(requestSchema, body);
    if (request.storageAuthenticationType === "identityBased" || request.identity) {
      throw notKnown("import and export jobs that reach storage by the hub's identity");
    }
    if (request.includeConfigurations || request.configurationsBlobName) {
      throw notKnown("import and export jobs with configurations");
    }
    if (!this.outbound) throw notKnown("import and export jobs without a way to the storage accounts");
    this.checkNoneActive(hub);
    const now = this.azure.clock.now();
    const job: Job = {
      jobId: randomUUID(),
      type: request.type,
      status: "enqueued",
      startTimeUtc: new Date(now).toISOString(),
      endTimeUtc: null,
      progress: 0,
      outputBlobContainerUri: "",
      excludeKeysInExport: request.excludeKeysInExport ?? false,
      failureReason: null,
    };
    const work = await this.prepare(hub, job, request, this.outbound());
    // Another may have come while this one's containers were checked.
    this.checkNoneActive(hub);
    this.save(hub, job, now);
    void this.run(hub, job.jobId, work);
    return job;
  }

  /** @throws HubError JobNotFound. */
  get(hub: Hub, id: string): Job {
    const row = this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND id = ? AND created > ?")
      .get(hub.key, id, this.azure.clock.now() - historyMs);
    if (!row) throw new HubError("JobNotFound", `Job ${id} not found`);
    return JSON.parse(row.job as string) as Job;
  }

  /** The last 30 days' jobs, newest first. */
  list(hub: Hub): Job[] {
    return this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND created > ? ORDER BY created DESC")
      .all(hub.key, this.azure.clock.now() - historyMs)
      .map((row) => JSON.parse(row.job as string) as Job);
  }

  /** Stops a job; what it has changed stays changed. @throws HubError JobNotFound. */
  cancel(hub: Hub, id: string): void {
    const job = this.get(hub, id);
    if (isActive(job)) this.finish(hub, job, "cancelled", null);
  }

  deleteHub(hub: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_jobs WHERE hub = ?").run(hub);
  }

  /** Ends what runs, so that nothing touches the store any more. */
  close(): void {
    this.cancelling.abort();
  }

  private async prepare(hub: Hub, job: Job, request: JobRequest, outbound: Outbound) {
    const output = new BlobContainer(hub, request.outputBlobContainerUri ?? "", "output", outbound);
    await output.checkOutput(`${job.jobId}.validation`);
    const progress = (percent: number) => this.update(hub, job.jobId, { progress: percent });
    const cancelled = () => this.cancelling.signal.aborted || !this.isRunning(hub, job.jobId);
    if (request.type === "export") {
      const target = {
        output,
        blob: request.outputBlobName ?? devicesBlob,
        excludeKeys: job.excludeKeysInExport,
      };
      return () => exportDevices(this.devices, hub, target, progress, cancelled);
    }
    const input = new BlobContainer(hub, request.inputBlobContainerUri ?? "", "input", outbound);
    const inputBlob = request.inputBlobName ?? devicesBlob;
    const found = await input.has(inputBlob);
    return async () => {
      if (!found) throw new Error(`The blob ${inputBlob} does not exist in the input container.`);
      await importDevices(this.bulk, hub, { input, output, inputBlob }, progress, cancelled);
    };
  }

  private async run(hub: Hub, id: string, work: () => Promise<void>): Promise<void> {
    try {
      await sleep(startDelayMs, undefined, { signal: this.cancelling.signal });
      if (!isActive(this.get(hub, id))) return;
      this.update(hub, id, { status: "running" });
      await work();
      if (this.isRunning(hub, id)) this.finish(hub, this.get(hub, id), "completed", null);
    } catch (error) {
      if (this.cancelling.signal.aborted) return;
      // A storage client's message may repeat a URI with its SAS.
      const reason = (error as Error).message.split("\n")[0]?.replace(/\?\S+/g, "?…") ?? "";
      this.azure.log(`${hub.host}: job ${id} failed: ${reason}`);
      if (this.isRunning(hub, id)) this.finish(hub, this.get(hub, id), "failed", reason);
    }
  }

  private checkNoneActive(hub: Hub): void {
    if (!this.list(hub).some(isActive)) return;
    const time = new Date(this.azure.clock.now()).toISOString();
    throw new HubError(
      "JobQuotaExceeded",
      `Error: 403 ErrorCode: JobQuotaExceeded\nMessage: Job quota has been exceeded\nTimestamp: ${time}\nTracking ID: `,
    );
  }

  private isRunning(hub: Hub, id: string): boolean {
    const row = this.azure.store.db
      .prepare("SELECT job FROM iothub_jobs WHERE hub = ? AND id = ?")
      .get(hub.key, id);
    return row !== undefined && (JSON.parse(row.job as string) as Job).status === "running";
  }

  private update(hub: Hub, id: string, change: Partial<Job>): void {
    const job = this.get(hub, id);
    if (isActive(job)) this.save(hub, { ...job, ...change });
  }

  private finish(hub: Hub, job: Job, status: Job["status"], failureReason: string | null): void {
    const endTimeUtc = new Date(this.azure.clock.now()).toISOString();
    const progress = status === "completed" ? 100 : job.progress;
    this.save(hub, { ...job, status, failureReason, endTimeUtc, progress });
  }

  private save(hub: Hub, job: Job, created?: number): void {
    this.azure.store.db
      .prepare(
        "INSERT INTO iothub_jobs VALUES (?, ?, ?, ?) ON CONFLICT (hub, id) DO UPDATE SET job = excluded.job",
      )
      .run(hub.key, job.jobId, created ?? 0, JSON.stringify(job));
  }

  /** The containers' URIs were in memory only, so a job does not outlive a restart. */
  private failInterrupted(): void {
    const db = this.azure.store.db;
    for (const row of db.prepare("SELECT hub, id, job FROM iothub_jobs").all()) {
      const job = JSON.parse(row.job as string) as Job;
      if (!isActive(job)) continue;
      const failed = { ...job, status: "failed", failureReason: "The sandbox was stopped while it ran." };
      db.prepare("UPDATE iothub_jobs SET job = ? WHERE hub = ? AND id = ?").run(
        JSON.stringify(failed),
        row.hub as string,
        row.id as string,
      );
    }
  }
}

const isActive = (job: Job): boolean => job.status === "enqueued" || job.status === "running";
