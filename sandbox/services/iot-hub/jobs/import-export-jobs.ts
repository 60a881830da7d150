import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError, notKnown } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { BulkRegistry } from "../registry/bulk.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { BlobContainer, type Outbound } from "./blob-container.ts";
import { exportDevices } from "./export.ts";
import { devicesBlob, importDevices } from "./import.ts";
import { type JobRequest, parseJobRequest } from "./job-request.ts";
import { isActive, type Job, JobTable } from "./job-table.ts";

export interface JobParts {
  azure: AzureEnvironment;
  bulk: BulkRegistry;
  devices: DeviceTable;
  /** How jobs reach storage accounts; without it jobs are refused. */
  outbound: (() => Outbound) | undefined;
  /** Milliseconds between the creation of a job and its start. */
  startDelayMs: number;
}

/** Import and export jobs, one at a time for each hub. */
export class ImportExportJobs {
  private readonly parts: JobParts;
  private readonly table: JobTable;
  private readonly closing = new AbortController();

  constructor(parts: JobParts) {
    this.parts = parts;
    this.table = new JobTable(parts.azure);
  }

  /**
   * Checks a job's containers and starts the job.
   * @throws HubError ArgumentInvalid, BlobContainerValidationError when a SAS lacks a permission that the job needs,
   *   JobQuotaExceeded while another job of the hub is active.
   */
  async create(hub: Hub, body: unknown): Promise<Job> {
    const request = parseJobRequest(body);
    if (!this.parts.outbound) throw notKnown("import and export jobs without access to storage accounts");
    this.checkNoneActive(hub);
    const now = this.parts.azure.clock.now();
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
    const work = await this.prepare(hub, job, request, this.parts.outbound());
    // Another job may have started during the check of the containers.
    this.checkNoneActive(hub);
    this.table.insert(hub, job, now);
    void this.run(hub, job.jobId, work);
    return job;
  }

  /** @throws HubError JobNotFound. */
  get(hub: Hub, id: string): Job {
    return this.table.get(hub, id);
  }

  /** The jobs of the last 30 days, newest first. */
  list(hub: Hub): Job[] {
    return this.table.list(hub);
  }

  /** Stops a job. Its changes so far remain. @throws HubError JobNotFound. */
  cancel(hub: Hub, id: string): void {
    this.table.finish(hub, id, "cancelled");
  }

  deleteHub(hub: string): void {
    this.table.deleteHub(hub);
  }

  /** Stops all jobs. Afterwards none of them accesses the store. */
  close(): void {
    this.closing.abort();
  }

  /** Checks the containers. @returns The work of the job. */
  private async prepare(hub: Hub, job: Job, request: JobRequest, outbound: Outbound) {
    const output = new BlobContainer(hub, request.outputBlobContainerUri ?? "", "output", outbound);
    await output.checkOutput(`${job.jobId}.validation`);
    const reportProgress = (progress: number) => this.table.update(hub, job.jobId, { progress });
    const isStopped = () => this.closing.signal.aborted || !this.table.isRunning(hub, job.jobId);
    if (request.type === "export") {
      const target = {
        output,
        blob: request.outputBlobName ?? devicesBlob,
        excludeKeys: job.excludeKeysInExport,
      };
      return () => exportDevices(this.parts.devices, hub, target, reportProgress, isStopped);
    }
    const input = new BlobContainer(hub, request.inputBlobContainerUri ?? "", "input", outbound);
    const inputBlob = request.inputBlobName ?? devicesBlob;
    const exists = await input.has(inputBlob);
    return async () => {
      if (!exists) throw new Error(`The blob ${inputBlob} does not exist in the input container.`);
      await importDevices(this.parts.bulk, hub, { input, output, inputBlob }, reportProgress, isStopped);
    };
  }

  private async run(hub: Hub, id: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.closing;
    try {
      await sleep(this.parts.startDelayMs, undefined, { signal });
      if (!isActive(this.table.get(hub, id))) return;
      this.table.update(hub, id, { status: "running" });
      await work();
      if (this.table.isRunning(hub, id)) this.table.finish(hub, id, "completed");
    } catch (error) {
      if (signal.aborted) return;
      // The message of a storage client can contain a URI with its SAS.
      const reason = (error as Error).message.split("\n")[0]?.replace(/\?\S+/g, "?…") ?? "";
      this.parts.azure.log(`${hub.host}: job ${id} failed: ${reason}`);
      if (this.table.isRunning(hub, id)) this.table.finish(hub, id, "failed", reason);
    }
  }

  private checkNoneActive(hub: Hub): void {
    if (!this.table.list(hub).some(isActive)) return;
    const time = new Date(this.parts.azure.clock.now()).toISOString();
    throw new HubError(
      "JobQuotaExceeded",
      `Error: 403 ErrorCode: JobQuotaExceeded\nMessage: Job quota has been exceeded\nTimestamp: ${time}\nTracking ID: `,
    );
  }
}
