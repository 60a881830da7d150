import { ContainerClient } from "@azure/storage-blob";
import type { Audit } from "../../../cli/audit-log/audit.ts";
import { AuditBlobs } from "../../../cli/audit-log/log-blobs.ts";
import { AuditLogWriter } from "../../../cli/audit-log/log-writer.ts";
import { type AuditLogTimeouts, openAudit } from "../../../cli/audit-log/open-audit.ts";
import type { ChangeRecord } from "../../../cli/audit-log/record.ts";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import type { DeployedFleet } from "../fleet-harness.ts";

let logCount = 0;

/** An audit log for one test, and the folder of pending records on one operator's computer. */
export class TestLog {
  readonly url: string;
  readonly pendingFolder: string;
  /** Messages about records that could not be written. */
  readonly troubles: string[] = [];
  private readonly fleet: DeployedFleet;

  /** @param folder A temporary folder. */
  constructor(fleet: DeployedFleet, folder: { file(name: string): string }) {
    this.fleet = fleet;
    this.url = fleet.auditContainer(`audit-${++logCount}`);
    this.pendingFolder = folder.file(`pending-${logCount}`);
  }

  /** Opens the log as a command of the operator does. */
  open(timeouts?: AuditLogTimeouts): Audit {
    const { network, outputs } = this.fleet;
    const { operatorsGroupName } = outputs;
    const signIn = signInWith(this.fleet.credential());
    return openAudit({ auditContainerUrl: this.url, operatorsGroupName }, signIn, {
      network,
      folder: this.pendingFolder,
      onTrouble: (message) => this.troubles.push(message),
      timeouts,
    });
  }

  /** A writer without pending records. */
  writer(maxBlocks?: number): AuditLogWriter {
    return new AuditLogWriter(new AuditBlobs(this.container()), { maxBlocks });
  }

  /** A client of the log's container with short retry delays. */
  container(): ContainerClient {
    const credential = this.fleet.credential();
    const retries = { maxTries: 9, retryDelayInMs: 5 };
    return new ContainerClient(this.url, blobPipeline(this.fleet.network, { credential, retries }));
  }

  /** The names and contents of all blobs. */
  async blobs(): Promise<{ name: string; text: string }[]> {
    const container = this.container();
    const blobs: { name: string; text: string }[] = [];
    for await (const { name } of container.listBlobsFlat()) {
      blobs.push({ name, text: (await container.getBlobClient(name).downloadToBuffer()).toString() });
    }
    return blobs;
  }

  /** The records of changes, as `audit show` reads them. */
  records(): Promise<ChangeRecord[]> {
    return Array.fromAsync(this.open().reader.records());
  }

  /** For each record its command if it begins a change, else its stage. */
  async commands(): Promise<string[]> {
    return (await this.records()).map((record) =>
      record.stage === "begin" ? record.about.command : record.stage,
    );
  }
}

/** A record that begins a change. */
export function beginRecord(fleet: DeployedFleet, command: string): ChangeRecord {
  const [id, change] = [crypto.randomUUID(), crypto.randomUUID()];
  const at = new Date(fleet.azure.clock.now()).toISOString();
  return { stage: "begin", at, id, change, who: { objectId: "example" }, about: { command } };
}
