import type { HubClient } from "./hub-client.ts";

/** An import or export job as the hub shows it. */
export interface HubJob {
  jobId: string;
  type: string;
  status: "unknown" | "enqueued" | "running" | "completed" | "failed" | "cancelled";
  /** In percent. */
  progress?: number;
  failureReason?: string | null;
}

/** The hub's own import jobs, which make identities in Azure without counting as registry operations. */
export class ImportJobs {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * Starts an import of `devices.txt`.
   * @param inputUri URI of its container with a SAS that reads. It is a secret.
   * @param outputUri URI of the container for importErrors.log, with a SAS that reads, writes and deletes. Likewise.
   * @returns The job's id; undefined when the hub has a job under way: it takes one at a time. That one can be this
   *   very import, from a call whose answer was lost.
   */
  async start(inputUri: string, outputUri: string): Promise<string | undefined> {
    const doing = "starting an import job";
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

  async get(jobId: string): Promise<HubJob> {
    const answer = await this.hub.send({
      doing: "looking at an import job",
      method: "GET",
      path: `/jobs/${jobId}`,
      expects: [200],
    });
    return answer.body as HubJob;
  }

  /** Whether the hub has an import or export job under way. */
  async busy(): Promise<boolean> {
    const answer = await this.hub.send({
      doing: "looking at the hub's jobs",
      method: "GET",
      path: "/jobs",
      expects: [200],
    });
    return (answer.body as HubJob[]).some(isUnderWay);
  }
}

export const isUnderWay = ({ status }: HubJob): boolean =>
  status === "enqueued" || status === "running" || status === "unknown";
