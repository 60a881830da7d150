import { randomBytes } from "node:crypto";
import { type ContainerClient, ContainerSASPermissions, SASProtocol } from "@azure/storage-blob";
import { explained, statusOf } from "../azure/explain-error.ts";
import type { NewDevice } from "../azure/iot-hub/registry.ts";
import { downloadWhole } from "../file-exchange/download.ts";
import { storageErrorCode } from "../file-exchange/files-account.ts";
import { t } from "../words/translate.ts";
import { formatDevices, type ImportError, parseDevices, parseErrors } from "./devices-txt.ts";
import { containerPrefix, type ImportAccount, listImports, type StoredImport } from "./stored-imports.ts";

/** Blob names that the IoT Hub prescribes for an import job. */
const devicesBlob = "devices.txt";
const errorsBlob = "importErrors.log";

/** Most bytes of these blobs that are read. A line of devices.txt has about 500. */
const maxFileBytes = 256 * 1024 * 1024;

/** The shortest lease that Azure Storage offers: the next run soon sees that a run was killed. */
export const leaseSeconds = 15;
const renewalMs = 4_000;

const sasMinutes = 120;
const clockSkewMinutes = 15;

/** What an import's container says of it. It holds no secret. */
interface ImportLabel {
  hub: string;
  customer: string;
}

/**
 * The `devices.txt` of one import job. The IoT Hub requires the keys in plaintext, so the file has a container of its own,
 * which is deleted with it. This run holds a lease on the container. After a kill, the lease expires within
 * `leaseSeconds`, and the next run of any operator takes the container over.
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
      // A lost lease costs only the container: the IoT Hub knows which devices were created.
      this.lease()
        .renewLease()
        .catch(() => {});
    }, renewalMs);
    this.renewal.unref();
  }

  /** Creates the container of a new import, with a lease. */
  static async create(account: ImportAccount, label: ImportLabel): Promise<DeviceFile> {
    const importId = randomBytes(16).toString("hex");
    const container = await DeviceFile.containerOf(account, importId);
    const metadata = { importid: importId, hub: label.hub, customer: label.customer };
    // The container exists already if the answer to an earlier try was lost.
    await explained(container.createIfNotExists({ metadata }), t`creating a container for an import job`);
    const leased = await DeviceFile.acquire(container, importId);
    // Another run may have deleted the container before it had a lease.
    return leased ?? DeviceFile.create(account, label);
  }

  /** Takes over the containers of killed runs for this IoT Hub: those without a lease. */
  static async *takeOverAbandoned(
    account: ImportAccount,
    hub: string,
  ): AsyncGenerator<{ file: DeviceFile; customer: string }> {
    for (const { importId, customer = "" } of await importsOf(account, hub)) {
      const file = await DeviceFile.takeOver(account, importId);
      if (file) yield { file, customer };
    }
  }

  /** Takes over the container of an import; undefined when another run holds its lease, or it does not exist. */
  static async takeOver(account: ImportAccount, importId: string): Promise<DeviceFile | undefined> {
    return DeviceFile.acquire(await DeviceFile.containerOf(account, importId), importId);
  }

  /** The container of an import. */
  static containerOf(account: ImportAccount, importId: string): Promise<ContainerClient> {
    return account.containerClient(containerPrefix + importId);
  }

  /**
   * Whether another run has an import for this customer.
   * @param known Import IDs that do not count.
   */
  static async isHeldByAnother(
    account: ImportAccount,
    hub: string,
    customer: string,
    known: ReadonlySet<string>,
  ): Promise<boolean> {
    const imports = await importsOf(account, hub);
    return imports.some((one) => one.customer === customer && !known.has(one.importId));
  }

  /** Writes devices.txt. */
  async write(devices: NewDevice[]): Promise<void> {
    const content = Buffer.from(formatDevices(devices, this.importId));
    await explained(
      this.container.getBlockBlobClient(devicesBlob).uploadData(content),
      t`writing the devices.txt of an import job`,
    );
  }

  /** Reads devices.txt; empty when it was not written. */
  async read(): Promise<NewDevice[]> {
    return parseDevices(await this.download(devicesBlob));
  }

  /** The devices that the import job reports as not created. Others may be missing too. */
  async readErrors(): Promise<ImportError[]> {
    return parseErrors(await this.download(errorsBlob));
  }

  /** URI of the container with a SAS for two hours, https only. A secret. */
  signedUri(permissions: "r" | "rwd"): Promise<string> {
    const now = Date.now();
    return this.container.generateSasUrl({
      permissions: ContainerSASPermissions.parse(permissions),
      protocol: SASProtocol.Https,
      startsOn: new Date(now - clockSkewMinutes * 60_000),
      expiresOn: new Date(now + sasMinutes * 60_000),
    });
  }

  /** Deletes the container with all its content. */
  async delete(): Promise<void> {
    clearInterval(this.renewal);
    const attempt = (conditions: { leaseId?: string }) => this.container.delete({ conditions });
    try {
      await attempt({ leaseId: this.leaseId });
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 412) {
        await explained(Promise.reject(error), t`deleting the devices.txt of an import job`);
      }
      // The lease expired, for example while the computer slept. A lease of another run is never broken.
      await attempt({}).catch(() => {});
    }
  }

  /** Releases the lease, so that the next run can take the container over at once. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    await this.lease()
      .releaseLease()
      .catch(() => {});
  }

  private static async acquire(
    container: ContainerClient,
    importId: string,
  ): Promise<DeviceFile | undefined> {
    // A chosen ID: a retry after a lost answer then acquires the same lease again.
    const leaseId = crypto.randomUUID();
    try {
      await container.getBlobLeaseClient(leaseId).acquireLease(leaseSeconds);
      return new DeviceFile(container, importId, leaseId);
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
      return explained(Promise.reject(error), t`acquiring the lease of an import job's container`);
    }
  }

  private lease() {
    return this.container.getBlobLeaseClient(this.leaseId);
  }

  private async download(blob: string): Promise<string> {
    try {
      return (await downloadWhole(this.container.getBlobClient(blob), maxFileBytes)).toString("utf8");
    } catch (error) {
      if (statusOf(error) === 404 || storageErrorCode(error) === "BlobNotFound") return "";
      return explained(Promise.reject(error), t`reading the ${blob} of an import job`);
    }
  }
}

async function importsOf(account: ImportAccount, hub: string): Promise<StoredImport[]> {
  return (await listImports(account)).filter((one) => one.hub === hub);
}
