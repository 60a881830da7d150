import { randomBytes } from "node:crypto";
import {
  BlobClient,
  BlobServiceClient,
  type ContainerClient,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { blobPipeline } from "../azure/blob-pipeline.ts";
import type { NetworkSettings } from "../azure/network.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { explained, OperatorError, statusOf } from "../lib/errors.ts";
import type { AccountKeys } from "../signing-keys/account-keys.ts";
import { signingKeySchedule } from "../signing-keys/signing-key-schedule.ts";
import { type FileLink, fileLink } from "./file-link.ts";
import type { Direction } from "./offers/offer.ts";

/** Where a container remembers the stored access policy that was taken from it last. */
const lastPolicy = "lastpolicy";

/**
 * The files account: a container for each terminal, with one stored access policy. The policy's id is made of chance
 * and never used again: what was bound to one that is gone stays dead when the terminal gets another.
 */
export class FilesAccount {
  readonly keys: AccountKeys;
  private readonly blobEndpoint: string;
  private readonly network: NetworkSettings;
  private readonly clock: Clock;
  private connected:
    | { key: StorageSharedKeyCredential; value: string; serviceClient: BlobServiceClient }
    | undefined;

  constructor(keys: AccountKeys, blobEndpoint: string, network: NetworkSettings, clock: Clock = systemClock) {
    this.keys = keys;
    this.blobEndpoint = blobEndpoint;
    this.network = network;
    this.clock = clock;
  }

  /** Makes the terminal's container and a stored access policy, whichever is not there yet. */
  async ensureContainer(terminal: string): Promise<void> {
    const containerClient = await this.containerClient(terminal);
    const made = await explained(containerClient.createIfNotExists(), `making the container ${terminal}`);
    if (!made.succeeded && (await this.hasPolicy(terminal))) return;
    // The policy holds nothing but its name: each file's key has its own times and rights.
    const id = `terminal-${randomBytes(8).toString("hex")}`;
    await explained(
      containerClient.setAccessPolicy(undefined, [{ id, accessPolicy: {} }]),
      `setting the stored access policy of ${terminal}`,
    );
  }

  /** Whether the terminal has its container. */
  async hasContainer(terminal: string): Promise<boolean> {
    return explained(
      (await this.containerClient(terminal)).exists(),
      `looking for the container ${terminal}`,
    );
  }

  /** The id of the container's stored access policy; undefined when it has none, or there is no container. */
  async readPolicyId(terminal: string): Promise<string | undefined> {
    const container = await this.containerClient(terminal);
    try {
      return (await container.getAccessPolicy()).signedIdentifiers[0]?.id;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      return explained(Promise.reject(error), `reading the stored access policy of ${terminal}`);
    }
  }

  /**
   * The id of the stored access policy that a new file's key is bound to.
   * @throws OperatorError when the terminal's container takes no keys.
   */
  async requirePolicyId(terminal: string): Promise<string> {
    const policy = await this.readPolicyId(terminal);
    if (policy) return policy;
    throw new OperatorError(
      "failed",
      `${terminal} is not onboarded, or is revoked: its container takes no keys`,
    );
  }

  /** Whether the terminal's container has its stored access policy. */
  async hasPolicy(terminal: string): Promise<boolean> {
    return (await this.readPolicyId(terminal)) !== undefined;
  }

  /**
   * Removes the terminal's stored access policy: every file's key of this terminal stops working, at once on
   * most days and after 30 seconds at the most, and for good.
   * @returns The id of what is gone, also when an earlier call has removed it; undefined when there was none.
   */
  async removePolicy(terminal: string): Promise<string | undefined> {
    const container = await this.containerClient(terminal);
    const policy = await this.readPolicyId(terminal);
    const removing = async () => {
      if (!policy) return (await container.getProperties()).metadata?.[lastPolicy];
      // Remembered first: whoever looks after a kill can still try a key that was bound to it.
      await container.setMetadata({ [lastPolicy]: policy });
      await container.setAccessPolicy(undefined, []);
      return policy;
    };
    try {
      return await removing();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      return explained(Promise.reject(error), `removing the stored access policy of ${terminal}`);
    }
  }

  /**
   * Whether a file's key of this terminal is taken now: tries one, for a file that does not exist.
   * @param bound The policy that it is bound to; default the container's own, without which no key is taken.
   */
  async acceptsLinks(terminal: string, bound?: string): Promise<boolean> {
    const policy = bound ?? (await this.readPolicyId(terminal));
    if (!policy) return false;
    const file = { name: "no-such-file", direction: "download" as const, days: 1, policy };
    return this.acceptsLink((await this.createLink(terminal, file)).url);
  }

  /** Whether the key in a file's URL is taken now, be the file there or not. */
  async acceptsLink(url: string): Promise<boolean> {
    try {
      await new BlobClient(url, blobPipeline(this.network)).getProperties();
      return true;
    } catch (error) {
      const status = statusOf(error);
      const code = storageErrorCode(error);
      // A key for delivering may not look: that it is told so means that it is a key.
      if (code === "AuthorizationPermissionMismatch") return true;
      if (status === 404 && code !== "ContainerNotFound") return true;
      if (status === 403 || status === 404) return false;
      return explained(Promise.reject(error), "trying a file's key");
    }
  }

  /**
   * A file's URL with its own key; see `fileLink`.
   * @param file.policy What the key is bound to; default the container's stored access policy.
   * @throws OperatorError when the container has none.
   */
  async createLink(
    terminal: string,
    file: { name: string; direction: Direction; days?: number; policy?: string },
  ): Promise<FileLink> {
    const policy = file.policy ?? (await this.requirePolicyId(terminal));
    const { key } = await this.connect();
    const options = { blobEndpoint: this.blobEndpoint, terminal, now: this.clock.now() };
    return fileLink(key, { ...options, ...file, policy });
  }

  /** The terminal's container, signed in to with the account's key. */
  async containerClient(terminal: string): Promise<ContainerClient> {
    return (await this.connect()).serviceClient.getContainerClient(terminal);
  }

  /** The account's blobs, signed in to with the account's key. */
  async serviceClient(): Promise<BlobServiceClient> {
    return (await this.connect()).serviceClient;
  }

  private async connect() {
    // Only a sign-in with the account's key can set a container's policy or sign a file's key.
    const { signing } = signingKeySchedule(await this.keys.readCached(), this.clock.now());
    if (this.connected?.value !== signing.value) {
      const key = new StorageSharedKeyCredential(this.keys.account, signing.value);
      const service = new BlobServiceClient(
        this.blobEndpoint,
        blobPipeline(this.network, { credential: key }),
      );
      this.connected = { key, value: signing.value, serviceClient: service };
    }
    return this.connected;
  }
}

/** The service's code; the answer to a HEAD request has it in a header only. */
export function storageErrorCode(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { errorCode?: string } };
  return code ?? details?.errorCode;
}
