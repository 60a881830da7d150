import { createSecretKey, randomBytes } from "node:crypto";
import {
  BlobClient,
  BlobServiceClient,
  type ContainerClient,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { blobPipeline } from "../azure/blob-pipeline.ts";
import { explained, statusOf } from "../azure/explain-error.ts";
import type { NetworkSettings } from "../azure/network.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { AccountKeys } from "../signing-keys/account-keys.ts";
import { signingKeySchedule } from "../signing-keys/signing-key-schedule.ts";
import { t } from "../words/translate.ts";
import { clockSkewMs, type FileLink, fileLink } from "./file-link.ts";
import type { LinkSigner } from "./link-signature.ts";
import type { Direction } from "./offers/offer.ts";

/**
 * Maximum wait in milliseconds for the name of a deleted container. Azure Storage keeps it for at least 30 seconds, and
 * longer while it deletes many blobs. Source: REST reference of Azure Storage, "Delete Container".
 */
const containerNameWaitMs = 120_000;
const containerNameRetryMs = 5_000;
const minuteMs = 60_000;

/** Metadata of a container: the ID of the stored access policy that was removed last. */
const lastPolicyMetadata = "lastpolicy";

/** How an operator learns of a long wait, and ends it. */
export interface WaitOptions {
  /** Receives, in words, the reason of the first long wait. */
  onWait?: (message: string) => void;
  /** Aborting it ends the wait. */
  signal?: AbortSignal;
}

/**
 * The files account: one container a terminal, each with one stored access policy. The policy ID is random and never
 * reused, so that links of a removed policy stay invalid when the terminal gets a new one.
 */
export class FilesAccount {
  readonly keys: AccountKeys;
  private readonly blobEndpoint: string;
  private readonly network: NetworkSettings;
  private readonly clock: Clock;
  private readonly waiting: WaitOptions;
  private hasAnnouncedWait = false;
  private connected:
    | { credential: StorageSharedKeyCredential; key: string; service: BlobServiceClient }
    | undefined;

  constructor(
    keys: AccountKeys,
    blobEndpoint: string,
    network: NetworkSettings,
    clock: Clock = systemClock,
    waiting: WaitOptions = {},
  ) {
    this.waiting = waiting;
    this.keys = keys;
    this.blobEndpoint = blobEndpoint;
    this.network = network;
    this.clock = clock;
  }

  /**
   * Creates the terminal's container and its stored access policy where they do not exist. It waits up to two minutes
   * for the name of a container that was deleted a moment ago.
   */
  async ensureContainer(terminal: string): Promise<void> {
    const container = await this.containerClient(terminal);
    const isNew = await this.createContainer(container, terminal);
    if (!isNew && (await this.hasPolicy(terminal))) return;
    // The policy has no times and no permissions: each file link has its own.
    const id = `terminal-${randomBytes(8).toString("hex")}`;
    await explained(
      container.setAccessPolicy(undefined, [{ id, accessPolicy: {} }]),
      t`setting the stored access policy of ${terminal}`,
    );
  }

  /** Whether the terminal's container exists. */
  async hasContainer(terminal: string): Promise<boolean> {
    const container = await this.containerClient(terminal);
    return explained(container.exists(), t`reading the container ${terminal}`);
  }

  /** ID of the container's stored access policy; undefined without a policy or a container. */
  async readPolicyId(terminal: string): Promise<string | undefined> {
    const container = await this.containerClient(terminal);
    try {
      return (await container.getAccessPolicy()).signedIdentifiers[0]?.id;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      return explained(Promise.reject(error), t`reading the stored access policy of ${terminal}`);
    }
  }

  /** Whether the terminal's container has its stored access policy. */
  async hasPolicy(terminal: string): Promise<boolean> {
    return (await this.readPolicyId(terminal)) !== undefined;
  }

  /**
   * Removes the terminal's stored access policy, which invalidates all its file links for good. Azure Storage applies
   * this within 30 seconds.
   * @returns The ID of the removed policy, also when an earlier call removed it; undefined when there was none.
   */
  async removePolicy(terminal: string): Promise<string | undefined> {
    const container = await this.containerClient(terminal);
    const policy = await this.readPolicyId(terminal);
    const remove = async () => {
      if (!policy) return (await container.getProperties()).metadata?.[lastPolicyMetadata];
      // Stored first: after a kill, the next run can still verify that links of this policy are rejected.
      await container.setMetadata({ [lastPolicyMetadata]: policy });
      await container.setAccessPolicy(undefined, []);
      return policy;
    };
    try {
      return await remove();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      return explained(Promise.reject(error), t`removing the stored access policy of ${terminal}`);
    }
  }

  /**
   * Whether Azure Storage accepts file links of this terminal now: tries a link to a blob that does not exist.
   * @param policyId The stored access policy of the link; default: the container's own. Without one the result is false.
   */
  async acceptsLinks(terminal: string, policyId?: string): Promise<boolean> {
    const policy = policyId ?? (await this.readPolicyId(terminal));
    if (!policy) return false;
    const file = { name: "no-such-file", direction: "download" as const, days: 1, policy };
    return this.acceptsLink((await this.createLink(terminal, file)).url);
  }

  /**
   * Whether Azure Storage accepts a file link now, whether its blob exists or not. A URL of another host, which an offer in
   * a device twin can hold, is not called: the result is false.
   */
  async acceptsLink(url: string): Promise<boolean> {
    if (!url.startsWith(this.blobEndpoint)) return false;
    try {
      await new BlobClient(url, blobPipeline(this.network)).getProperties();
      return true;
    } catch (error) {
      const code = storageErrorCode(error);
      // Azure Storage checks the signature before the permissions, and an upload link may not read.
      if (code === "AuthorizationPermissionMismatch") return true;
      if (statusOf(error) === 404 && code !== "ContainerNotFound") return true;
      // Any other 403, such as that of a network rule, does not concern the link.
      if (code === "ContainerNotFound" || code === "AuthenticationFailed") return false;
      return explained(Promise.reject(error), t`trying a file link`);
    }
  }

  /**
   * Creates a file link; see `fileLink`.
   * @param file.policy ID of the stored access policy; default: the container's own.
   * @throws OperatorError when the container has no stored access policy.
   */
  async createLink(
    terminal: string,
    file: { name: string; direction: Direction; days?: number; policy?: string },
  ): Promise<FileLink> {
    const policy = file.policy ?? (await this.readPolicyId(terminal));
    if (!policy) throw new OperatorError("failed", t`${terminal} has no stored access policy`);
    expectClockNotAhead(this.network.clockWatch?.aheadOf(this.blobEndpoint));
    const { credential } = await this.connect();
    const options = { blobEndpoint: this.blobEndpoint, terminal, now: this.clock.now() };
    return fileLink(credential, { ...options, ...file, policy });
  }

  /** The account keys that sign file links, read now. */
  async readSigner(): Promise<LinkSigner> {
    return { account: this.keys.account, keys: await this.keys.read() };
  }

  /** Client of the terminal's container, which signs with the account key. */
  async containerClient(terminal: string): Promise<ContainerClient> {
    return (await this.connect()).service.getContainerClient(terminal);
  }

  /** Client of the account's blob service, which signs with the account key. */
  async serviceClient(): Promise<BlobServiceClient> {
    return (await this.connect()).service;
  }

  /** Returns false when the container exists. */
  private async createContainer(container: ContainerClient, terminal: string): Promise<boolean> {
    const create = () => explained(container.createIfNotExists(), t`creating the container ${terminal}`);
    const deadline = this.clock.now() + containerNameWaitMs;
    for (;;) {
      try {
        return (await create()).succeeded;
      } catch (error) {
        const isOver = this.clock.now() >= deadline || this.waiting.signal?.aborted;
        if (!isBeingDeleted(error) || isOver) throw withRetryRemedy(error);
      }
      if (!this.hasAnnouncedWait) {
        this.hasAnnouncedWait = true;
        this.waiting.onWait?.(
          t`The container ${terminal} was deleted a moment ago. Azure Storage releases its name after 30 seconds or more: waiting up to ${containerNameWaitMs / 1000} seconds.`,
        );
      }
      await this.clock.sleep(containerNameRetryMs, this.waiting.signal);
    }
  }

  private async connect() {
    // Azure Storage allows only the account key to set a stored access policy, and a service SAS needs it too.
    const { signing } = signingKeySchedule(await this.keys.readCached(), this.clock.now());
    if (this.connected?.key !== signing.value) {
      const credential = keyCredential(this.keys.account, signing.value);
      const pipeline = blobPipeline(this.network, { credential });
      const service = new BlobServiceClient(this.blobEndpoint, pipeline);
      this.connected = { credential, key: signing.value, service };
    }
    return this.connected;
  }
}

/**
 * A credential whose key Node has prepared once. The SDK has it as a buffer, from which Node makes a key for each signature,
 * in five times the time (@azure/storage-common 12.4.1, StorageSharedKeyCredential.js).
 */
function keyCredential(account: string, key: string): StorageSharedKeyCredential {
  const credential = new StorageSharedKeyCredential(account, key);
  return Object.defineProperty(credential, "accountKey", { value: createSecretKey(key, "base64") });
}

/**
 * A file link begins 15 minutes before its creation. On a computer whose clock is further ahead, Azure Storage and so the
 * terminal would reject it until the time that the clock shows.
 * @param aheadMs How far this computer's clock is ahead of Azure Storage's; undefined when not known.
 */
function expectClockNotAhead(aheadMs: number | undefined): void {
  if (aheadMs === undefined || aheadMs < clockSkewMs - minuteMs) return;
  const minutes = Math.round(aheadMs / minuteMs);
  const message = t`this computer's clock is ${minutes} minutes ahead of Azure Storage's: a file link would not be valid yet`;
  throw new OperatorError("failed", message, {
    code: "ClockAhead",
    remedy: t`Nothing was offered. Set this computer's clock, and run this again.`,
  });
}

function isBeingDeleted(error: unknown): error is OperatorError {
  return error instanceof OperatorError && storageErrorCode(error.cause) === "ContainerBeingDeleted";
}

function withRetryRemedy(error: unknown): unknown {
  if (!isBeingDeleted(error)) return error;
  const { outcome, message, code, cause } = error;
  const remedy = t`Azure Storage still deletes the former container. Run this again in a few minutes.`;
  return new OperatorError(outcome, message, { code, cause, remedy });
}

/** The error code of Azure Storage. An answer to a HEAD request has it in a header only. */
export function storageErrorCode(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { errorCode?: string } };
  return code ?? details?.errorCode;
}
