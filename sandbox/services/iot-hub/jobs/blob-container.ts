import { Readable } from "node:stream";
import type { PipelineOptions, RestError } from "@azure/core-rest-pipeline";
import type { ContainerClient, StoragePipelineOptions } from "@azure/storage-blob";
import { HttpsProxyAgent } from "https-proxy-agent";
import { HubError } from "../errors.ts";
import { type Hub, maySendTo } from "../hub.ts";

/** The proxy through which the hub calls other hosts, and the certificate authority (PEM) that it trusts. */
export interface Outbound {
  proxyUrl: string;
  ca: string;
}

const blockBytes = 4 * 1024 * 1024;

/** A blob container of a job, by its URI with a SAS. The URI is a secret and stays in memory only. */
export class BlobContainer {
  private readonly createClient: () => Promise<ContainerClient>;
  private created: Promise<ContainerClient> | undefined;
  private readonly side: "input" | "output";

  /**
   * @throws HubError BlobContainerValidationError when the URI is not an https URI of a container, or the hub may not send
   *   requests to its host.
   */
  constructor(hub: Hub, uri: string, side: "input" | "output", outbound: Outbound) {
    const url = URL.parse(uri);
    if (url?.protocol !== "https:" || !/^\/[^/]+\/?$/.test(url.pathname)) {
      throw new HubError("BlobContainerValidationError", `Invalid ${side} blob container URI`);
    }
    if (!maySendTo(hub, url.hostname)) {
      throw new HubError(
        "BlobContainerValidationError",
        `Unable to reach ${side} blob container: ${url.hostname} is not in the hub's allowedFqdnList`,
      );
    }
    const agent = new HttpsProxyAgent(outbound.proxyUrl, { keepAlive: true });
    Object.assign(agent.options, { ca: outbound.ca });
    // The storage client passes `agent` on to its pipeline, but its own type lacks it.
    const options: StoragePipelineOptions & PipelineOptions = { agent, retryOptions: { maxTries: 3 } };
    this.createClient = async () => {
      // A sixth of the sandbox's start, for jobs that few sandboxes run.
      const { AnonymousCredential, ContainerClient } = await import("@azure/storage-blob");
      return new ContainerClient(uri, new AnonymousCredential(), options);
    };
    this.side = side;
  }

  /** Whether a blob exists. @throws HubError BlobContainerValidationError when the SAS does not permit reads. */
  async has(name: string): Promise<boolean> {
    const client = await this.client();
    return this.checked("read from", () => client.getBlobClient(name).exists());
  }

  /** Writes and deletes a blob, as the job will. @throws HubError BlobContainerValidationError. */
  async checkOutput(name: string): Promise<void> {
    const blob = (await this.client()).getBlockBlobClient(name);
    await this.checked("write to", () => blob.upload("", 0));
    await this.checked("delete from", () => blob.delete());
  }

  async deleteIfExists(name: string): Promise<void> {
    await (await this.client()).getBlobClient(name).deleteIfExists();
  }

  async read(name: string): Promise<{ stream: Readable; bytes: number }> {
    const blob = (await this.client()).getBlobClient(name);
    const { readableStreamBody, contentLength } = await blob.download();
    // On Node the body is a Readable; the client's type covers browsers too.
    return { stream: readableStreamBody as Readable, bytes: contentLength ?? 0 };
  }

  /** Writes a blob in blocks while its parts arrive, so memory does not grow with the blob. */
  async write(name: string, parts: AsyncIterable<string>): Promise<void> {
    const stream = Readable.from(parts, { objectMode: false });
    await (await this.client()).getBlockBlobClient(name).uploadStream(stream, blockBytes, 1);
  }

  private client(): Promise<ContainerClient> {
    this.created ??= this.createClient();
    return this.created;
  }

  private async checked<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Absent where there was no answer.
      const status = (error as Partial<RestError>).statusCode;
      const reason = status === 404 ? "Not found: cannot" : status ? "Unauthorized to" : "Unable to";
      throw new HubError("BlobContainerValidationError", `${reason} ${what} ${this.side} blob container`);
    }
  }
}
