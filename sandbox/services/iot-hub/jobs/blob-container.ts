import { Readable } from "node:stream";
import { type PipelineOptions, RestError } from "@azure/core-rest-pipeline";
import { AnonymousCredential, ContainerClient, type StoragePipelineOptions } from "@azure/storage-blob";
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
  private readonly client: ContainerClient;
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
    this.client = new ContainerClient(uri, new AnonymousCredential(), options);
    this.side = side;
  }

  /** Whether a blob exists. @throws HubError BlobContainerValidationError when the SAS does not permit reads. */
  async has(name: string): Promise<boolean> {
    return this.checked("read from", () => this.client.getBlobClient(name).exists());
  }

  /** Writes and deletes a blob, as the job will. @throws HubError BlobContainerValidationError. */
  async checkOutput(name: string): Promise<void> {
    const blob = this.client.getBlockBlobClient(name);
    await this.checked("write to", () => blob.upload("", 0));
    await this.checked("delete from", () => blob.delete());
  }

  async deleteIfExists(name: string): Promise<void> {
    await this.client.getBlobClient(name).deleteIfExists();
  }

  async read(name: string): Promise<{ stream: Readable; bytes: number }> {
    const { readableStreamBody, contentLength } = await this.client.getBlobClient(name).download();
    // On Node the body is a Readable; the client's type covers browsers too.
    return { stream: readableStreamBody as Readable, bytes: contentLength ?? 0 };
  }

  /** Writes a blob in blocks while its parts arrive, so memory does not grow with the blob. */
  async write(name: string, parts: AsyncIterable<string>): Promise<void> {
    const stream = Readable.from(parts, { objectMode: false });
    await this.client.getBlockBlobClient(name).uploadStream(stream, blockBytes, 1);
  }

  private async checked<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const status = error instanceof RestError ? error.statusCode : undefined;
      const reason = status === 404 ? "Not found: cannot" : status ? "Unauthorized to" : "Unable to";
      throw new HubError("BlobContainerValidationError", `${reason} ${what} ${this.side} blob container`);
    }
  }
}
