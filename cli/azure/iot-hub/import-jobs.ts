import { t } from "../../words/translate.ts";
import type { HubClient } from "./hub-client.ts";

/** An import or export job of the IoT Hub. */
export interface HubJob {
  jobId: string;
  type: string;
  status: "unknown" | "enqueued" | "running" | "completed" | "failed" | "cancelled";
  /** In percent. */
  progress?: number;
  failureReason?: string | null;
}

/** Import jobs of the IoT Hub. They create device identities without counting as registry operations. */
export class ImportJobs {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * Starts an import of `devices.txt`.
   * @param inputUri URI of its container with a SAS that can read. A secret.
   * @param outputUri URI of the container for importErrors.log with a SAS that can read, write and delete. A secret.
   * @returns The job ID; undefined when another job is in progress, because the IoT Hub runs one at a time. That job can be
   *   this import, from an earlier call with a lost response.
   */
  async start(inputUri: string, outputUri: string): Promise<string | undefined> {
    const doing = t`starting an import job`;
    const answer = await this.hub.send({
      doing,
      method: "POST",
      path: "/jobs/create",
      body: {
        type: "import",
        inputBlobContainerUri: inputUri,
        outputBlobContainerUri: outputUri,
        storageAuthenticationType: "keyBased",
      },
      expects: [200, 403],
    });
    if (answer.status === 200) return (answer.body as HubJob).jobId;
    if (answer.code === "JobQuotaExceeded") return undefined;
    throw this.hub.failure(answer, doing, "/jobs");
  }

  /** Reads a job. */
  async get(jobId: string): Promise<HubJob> {
    const answer = await this.hub.send({
      doing: t`reading an import job`,
      method: "GET",
      path: `/jobs/${jobId}`,
      expects: [200],
    });
    return answer.body as HubJob;
  }

  /** Whether an import or export job is in progress. */
  async isBusy(): Promise<boolean> {
    const answer = await this.hub.send({
      doing: t`reading the jobs of the IoT Hub`,
      method: "GET",
      path: "/jobs",
      expects: [200],
    });
    return (answer.body as HubJob[]).some(isInProgress);
  }
}

/** Whether a job is in progress. */
export const isInProgress = ({ status }: HubJob): boolean =>
  status === "enqueued" || status === "running" || status === "unknown";
