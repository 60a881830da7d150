import {
  BlobClient,
  BlobServiceClient,
  type ContainerClient,
  newPipeline,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { type Clock, systemClock } from "../clock.ts";
import { explained, statusOf } from "../errors.ts";
import { keepProxyConnectionsFactory } from "../http.ts";
import type { Direction } from "../offers/offer.ts";
import type { AccountKeys } from "./account-keys.ts";
import { type FileLink, fileLink, terminalPolicy } from "./file-link.ts";
import { turns } from "./key-turns.ts";

/** The files account: a container for each terminal, with one stored access policy. */
export class Files {
  readonly keys: AccountKeys;
  private readonly blobEndpoint: string;
  private readonly clock: Clock;
  private connected:
    | { key: StorageSharedKeyCredential; value: string; service: BlobServiceClient }
    | undefined;

  constructor(keys: AccountKeys, blobEndpoint: string, clock: Clock = systemClock) {
    this.keys = keys;
    this.blobEndpoint = blobEndpoint;
    this.clock = clock;
  }

  /** Makes the terminal's container and its stored access policy, whichever is not there yet. */
  async ensureContainer(terminal: string): Promise<void> {
    const container = await this.container(terminal);
    const made = await explained(container.createIfNotExists(), `making the container ${terminal}`);
    if (!made.succeeded && (await this.hasPolicy(terminal))) return;
    // The policy holds nothing but its name: each file's key has its own times and rights.
    await explained(
      container.setAccessPolicy(undefined, [{ id: terminalPolicy, accessPolicy: {} }]),
      `setting the stored access policy of ${terminal}`,
    );
  }

  /** Whether the terminal's container has its stored access policy. */
  async hasPolicy(terminal: string): Promise<boolean> {
    const container = await this.container(terminal);
    try {
      const { signedIdentifiers } = await container.getAccessPolicy();
      return signedIdentifiers.some(({ id }) => id === terminalPolicy);
    } catch (error) {
      if (statusOf(error) === 404) return false;
      return explained(Promise.reject(error), `reading the stored access policy of ${terminal}`);
    }
  }

  /**
   * Removes the terminal's stored access policy: every file's key of this terminal stops working, at once on
   * most days and after 30 seconds at the most.
   */
  async removePolicy(terminal: string): Promise<void> {
    const container = await this.container(terminal);
    try {
      await container.setAccessPolicy(undefined, []);
    } catch (error) {
      if (statusOf(error) === 404) return;
      await explained(Promise.reject(error), `removing the stored access policy of ${terminal}`);
    }
  }

  /** Whether a file's key of this terminal would be taken now: tries one, for a file that does not exist. */
  async takesKeys(terminal: string): Promise<boolean> {
    const { url } = await this.link(terminal, { name: "no-such-file", direction: "download", days: 1 });
    return this.takesLink(url);
  }

  /** Whether the key in a file's URL is taken now, be the file there or not. */
  async takesLink(url: string): Promise<boolean> {
    try {
      await new BlobClient(url, blobPipeline()).getProperties();
      return true;
    } catch (error) {
      const status = statusOf(error);
      const code = storageCode(error);
      // A key for delivering may not look: that it is told so means that it is a key.
      if (code === "AuthorizationPermissionMismatch") return true;
      if (status === 404 && code !== "ContainerNotFound") return true;
      if (status === 403 || status === 404) return false;
      return explained(Promise.reject(error), "trying a file's key");
    }
  }

  /** A file's URL with its own key; see `fileLink`. */
  async link(
    terminal: string,
    file: { name: string; direction: Direction; days?: number },
  ): Promise<FileLink> {
    const { key } = await this.connect();
    return fileLink(key, { blobEndpoint: this.blobEndpoint, terminal, now: this.clock.now(), ...file });
  }

  /** The terminal's container, signed in to with the account's key. */
  async container(terminal: string): Promise<ContainerClient> {
    return (await this.connect()).service.getContainerClient(terminal);
  }

  /** The account's blobs, signed in to with the account's key. */
  async service(): Promise<BlobServiceClient> {
    return (await this.connect()).service;
  }

  private async connect() {
    // Only a sign-in with the account's key can set a container's policy or sign a file's key.
    const { signing } = turns(await this.keys.read(), this.clock.now());
    if (this.connected?.value !== signing.value) {
      const key = new StorageSharedKeyCredential(this.keys.account, signing.value);
      const service = new BlobServiceClient(this.blobEndpoint, blobPipeline(key));
      this.connected = { key, value: signing.value, service };
    }
    return this.connected;
  }
}

/** The service's code; the answer to a HEAD request has it in a header only. */
export function storageCode(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { errorCode?: string } };
  return code ?? details?.errorCode;
}

/** How blobs are reached: through the environment's proxy, with tries for two minutes; without a key, by a link. */
export function blobPipeline(key?: StorageSharedKeyCredential) {
  const pipeline = newPipeline(key, {
    retryOptions: { maxTries: 7, retryDelayInMs: 500, maxRetryDelayInMs: 20_000, tryTimeoutInMs: 120_000 },
  });
  pipeline.factories.push(keepProxyConnectionsFactory);
  return pipeline;
}
