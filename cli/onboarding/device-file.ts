import { randomBytes } from "node:crypto";
import { type ContainerClient, ContainerSASPermissions, SASProtocol } from "@azure/storage-blob";
import { z } from "zod";
import { explained, statusOf } from "../azure/explain-error.ts";
import type { NewDevice } from "../azure/iot-hub/registry.ts";
import { type FilesAccount, storageErrorCode } from "../file-exchange/files-account.ts";

/** The hub's own names of the blobs of an import. */
const devicesBlob = "devices.txt";
const errorsBlob = "importErrors.log";

/** Containers of imports have random names behind this prefix; storage has some of its own, with a dollar sign. */
const prefix = "device-import-";

/** The shortest lease that Azure gives, and renewals well within it: the next run soon knows that nobody holds one. */
export const leaseSeconds = 15;
const renewMs = 4_000;

const sasMinutes = 120;
const clockSkewMinutes = 15;

const line = z.object({
  id: z.string(),
  authentication: z.object({
    symmetricKey: z.object({ primaryKey: z.string(), secondaryKey: z.string() }),
  }),
  tags: z.record(z.string(), z.string()),
});

const failedLine = z.object({
  deviceId: z.string(),
  errorCode: z.union([z.string(), z.number()]),
  errorStatus: z.string().nullish(),
});

/** A line of an import that the hub did not take. */
export interface ImportError {
  id: string;
  /** The service's number or name for it, for example 409001. */
  code: string;
}

/**
 * The storage account of import jobs, signed in to with its key. It keeps nothing that was deleted, and nothing for
 * longer than a day.
 */
export type ImportAccount = Pick<FilesAccount, "containerClient" | "serviceClient">;

/** What a container of an import says of itself. None of it is secret. */
interface Label {
  /** Random; every identity that the import makes has it as the tag `importId`. */
  importId: string;
  hub: string;
  customer: string;
}

/**
 * The `devices.txt` of one import. It holds keys in plaintext, as the hub wants it: it lives in a container of its
 * own that this run holds a lease on, and is deleted with it. The lease of a run that was killed runs out within
 * `leaseSeconds`; then the next run finds the container, whoever's it is.
 */
export class DeviceFile {
  readonly importId: string;
  private readonly container: ContainerClient;
  private readonly leaseId: string;
  private readonly renewal: NodeJS.Timeout;

  private constructor(container: ContainerClient, importId: string, leaseId: string) {
    this.container = container;
    this.importId = importId;
    this.leaseId = leaseId;
    this.renewal = setInterval(() => {
      // A lease that was lost costs the container and no more: what the hub made is asked of the hub.
      this.lease()
        .renewLease()
        .catch(() => {});
    }, renewMs);
    this.renewal.unref();
  }

  /** Makes the container of a new import, and holds it. */
  static async create(account: ImportAccount, of: Omit<Label, "importId">): Promise<DeviceFile> {
    const importId = randomBytes(16).toString("hex");
    const container = await account.containerClient(prefix + importId);
    const metadata = { importid: importId, hub: of.hub, customer: of.customer };
    // A try whose answer was lost has made it.
    await explained(container.createIfNotExists({ metadata }), "making a container for an import");
    const held = await DeviceFile.hold(container, importId);
    // Somebody's cleaning up can come between the two.
    return held ?? DeviceFile.create(account, of);
  }

  /** The containers that imports of killed runs left at this hub, and that nobody holds; they are held from now on. */
  static async *takeOverAbandoned(
    account: ImportAccount,
    hub: string,
  ): AsyncGenerator<{ file: DeviceFile; customer: string }> {
    for await (const { importId, customer } of labels(account, hub)) {
      const file = await DeviceFile.hold(await account.containerClient(prefix + importId), importId);
      if (file) yield { file, customer };
    }
  }

  /** Whether there is an import for this customer that somebody else holds. */
  static async isHeldByAnother(
    account: ImportAccount,
    hub: string,
    customer: string,
    mine: Iterable<DeviceFile>,
  ): Promise<boolean> {
    const ours = new Set([...mine].map(({ importId }) => importId));
    for await (const label of labels(account, hub)) {
      if (label.customer === customer && !ours.has(label.importId)) return true;
    }
    return false;
  }

  /** Writes devices.txt. */
  async write(devices: NewDevice[]): Promise<void> {
    const lines = devices.map(({ id, keys, tags }) =>
      JSON.stringify({
        id,
        importMode: "create",
        status: "enabled",
        authentication: { type: "sas", symmetricKey: keys },
        tags: { ...tags, importId: this.importId },
      }),
    );
    const content = Buffer.from(`${lines.join("\n")}\n`);
    await explained(
      this.container.getBlockBlobClient(devicesBlob).uploadData(content),
      "writing an import's devices.txt",
    );
  }

  /** What devices.txt says; empty when it was not written. */
  async read(): Promise<NewDevice[]> {
    const text = await this.download(devicesBlob);
    return text.split("\n").flatMap((one) => {
      const parsed = line.safeParse(json(one));
      if (!parsed.success) return [];
      const { importId: _, ...tags } = parsed.data.tags;
      return [{ id: parsed.data.id, keys: parsed.data.authentication.symmetricKey, tags }];
    });
  }

  /** The lines that the hub did not take. That a line is not among them does not say that it was taken. */
  async readErrors(): Promise<ImportError[]> {
    const text = await this.download(errorsBlob);
    return text.split("\n").flatMap((one) => {
      const parsed = failedLine.safeParse(json(one));
      return parsed.success ? [{ id: parsed.data.deviceId, code: String(parsed.data.errorCode) }] : [];
    });
  }

  /** URI of the container with a SAS, https only, for two hours; a secret. */
  signedUri(permissions: "r" | "rwd"): Promise<string> {
    const now = Date.now();
    return this.container.generateSasUrl({
      permissions: ContainerSASPermissions.parse(permissions),
      protocol: SASProtocol.Https,
      startsOn: new Date(now - clockSkewMinutes * 60_000),
      expiresOn: new Date(now + sasMinutes * 60_000),
    });
  }

  /** Deletes the container with all that is in it. */
  async delete(): Promise<void> {
    clearInterval(this.renewal);
    const attempt = (conditions: { leaseId?: string }) => this.container.delete({ conditions });
    try {
      await attempt({ leaseId: this.leaseId });
    } catch (error) {
      if (statusOf(error) === 404) return;
      // The lease ran out while this computer slept; nobody else's lease is ever broken.
      if (statusOf(error) !== 412) await explained(Promise.reject(error), "deleting an import's devices.txt");
      await attempt({}).catch(() => {});
    }
  }

  /** Lets the next run take it over at once. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    await this.lease()
      .releaseLease()
      .catch(() => {});
  }

  private static async hold(container: ContainerClient, importId: string): Promise<DeviceFile | undefined> {
    // Known before it is asked for: a try whose answer was lost has taken the lease in this name.
    const leaseId = crypto.randomUUID();
    try {
      await container.getBlobLeaseClient(leaseId).acquireLease(leaseSeconds);
      return new DeviceFile(container, importId, leaseId);
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
      return explained(Promise.reject(error), "taking the lease of an import's container");
    }
  }

  private lease() {
    return this.container.getBlobLeaseClient(this.leaseId);
  }

  private async download(blob: string): Promise<string> {
    try {
      return (await this.container.getBlobClient(blob).downloadToBuffer()).toString("utf8");
    } catch (error) {
      if (statusOf(error) === 404 || storageErrorCode(error) === "BlobNotFound") return "";
      return explained(Promise.reject(error), `reading an import's ${blob}`);
    }
  }
}

async function* labels(account: ImportAccount, hub: string): AsyncGenerator<Label> {
  const found: Label[] = [];
  const listing = (async () => {
    for await (const { metadata } of (await account.serviceClient()).listContainers({
      prefix,
      includeMetadata: true,
    })) {
      if (!metadata?.importid || metadata.hub !== hub) continue;
      found.push({ importId: metadata.importid, hub, customer: metadata.customer ?? "" });
    }
  })();
  await explained(listing, "looking for what earlier imports left");
  yield* found;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
