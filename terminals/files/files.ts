import type { StorageManagementClient } from "@azure/arm-storage";
import {
  BlobClient,
  BlobServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { explained, OperatorError, type Permission, statusOf } from "../errors.ts";
import { keepProxyConnections } from "../http.ts";
import { parseResourceId } from "../resource-id.ts";
import { type Direction, type FileLink, fileLink, terminalPolicy } from "./file-link.ts";

const keepProxyConnectionsFactory: RequestPolicyFactory = {
  create: (next) => ({
    sendRequest(request) {
      keepProxyConnections(request as Parameters<typeof keepProxyConnections>[0]);
      return next.sendRequest(request);
    },
  }),
};

const uploadBlockBytes = 8 * 1024 * 1024;
const uploadsAtOnce = 4;

/** The files account: a container for each terminal, with one stored access policy. */
export class Files {
  private readonly accountId: string;
  private readonly blobEndpoint: string;
  private readonly arm: StorageManagementClient;
  private readonly permission: () => Permission;
  private connected: Promise<{ service: BlobServiceClient; key: StorageSharedKeyCredential }> | undefined;

  /** @param accountId The account's resource ID: its key is read when it is first needed, and kept in memory. */
  constructor(
    arm: StorageManagementClient,
    accountId: string,
    blobEndpoint: string,
    permission: () => Permission,
  ) {
    this.arm = arm;
    this.accountId = accountId;
    this.blobEndpoint = blobEndpoint;
    this.permission = permission;
  }

  /** Makes the terminal's container and its stored access policy, whichever is not there yet. */
  async ensureContainer(terminal: string): Promise<void> {
    const container = (await this.connect()).service.getContainerClient(terminal);
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
    const container = (await this.connect()).service.getContainerClient(terminal);
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
    const container = (await this.connect()).service.getContainerClient(terminal);
    try {
      await container.setAccessPolicy(undefined, []);
    } catch (error) {
      if (statusOf(error) === 404) return;
      await explained(Promise.reject(error), `removing the stored access policy of ${terminal}`);
    }
  }

  /** Whether a file's key of this terminal would be taken now: tries one, for a file that does not exist. */
  async takesKeys(terminal: string): Promise<boolean> {
    const { url } = await this.link(terminal, { name: "no-such-file", direction: "fetch", days: 1 });
    try {
      await new BlobClient(url, newPipelineOf()).getProperties();
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 && (error as { code?: string }).code !== "ContainerNotFound") return true;
      if (status === 403 || status === 404) return false;
      return explained(Promise.reject(error), `trying a file's key of ${terminal}`);
    }
  }

  /** A file's URL with its own key; see `fileLink`. */
  async link(
    terminal: string,
    file: { name: string; direction: Direction; days?: number; now?: number },
  ): Promise<FileLink> {
    const { key } = await this.connect();
    return fileLink(key, { blobEndpoint: this.blobEndpoint, terminal, ...file });
  }

  /** Puts a file from this computer into the terminal's container, in blocks, so that memory does not grow. */
  async upload(
    terminal: string,
    file: string,
    name: string,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const container = (await this.connect()).service.getContainerClient(terminal);
    const upload = container.getBlockBlobClient(name).uploadFile(file, {
      blockSize: uploadBlockBytes,
      concurrency: uploadsAtOnce,
      ...(onProgress
        ? { onProgress: ({ loadedBytes }: { loadedBytes: number }) => onProgress(loadedBytes) }
        : {}),
    });
    await explained(upload, `uploading ${name} for ${terminal}`);
  }

  private connect() {
    // Only a sign-in with the account's key can set a container's policy or sign a file's key.
    this.connected ??= this.readKey().catch((error) => {
      this.connected = undefined;
      throw error;
    });
    return this.connected;
  }

  private async readKey() {
    const { resourceGroup, names } = parseResourceId(this.accountId);
    const account = names[0] as string;
    const { keys } = await explained(
      this.arm.storageAccounts.listKeys(resourceGroup, account),
      `reading the keys of the storage account ${account}`,
      this.permission,
    );
    const value = keys?.find(({ keyName }) => keyName === "key1")?.value;
    if (!value) throw new OperatorError("failed", `the storage account ${account} has no key1`);
    const key = new StorageSharedKeyCredential(account, value);
    return { key, service: new BlobServiceClient(this.blobEndpoint, newPipelineOf(key)) };
  }
}

function newPipelineOf(key?: StorageSharedKeyCredential) {
  const pipeline = newPipeline(key, {
    retryOptions: { maxTries: 7, retryDelayInMs: 500, maxRetryDelayInMs: 20_000, tryTimeoutInMs: 120_000 },
  });
  pipeline.factories.push(keepProxyConnectionsFactory);
  return pipeline;
}
