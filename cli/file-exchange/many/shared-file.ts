import type { BlockBlobClient } from "@azure/storage-blob";
import pLimit from "p-limit";
import { statusOf } from "../../azure/explain-error.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { type BlobLocation, findBlobLocation, newBlobLocation } from "../blob-location.ts";
import { acceptExistingBlob, type FileDigest, uploadBlocks } from "../block-upload.ts";
import { type FilesAccount, storageErrorCode } from "../files-account.ts";
import type { BlobSource, RunJournal } from "./run-journal.ts";

/** Azure Storage completes a copy within an account at once. It promises no time, so the status is polled. */
const copyPollMs = 1_000;
const maxSources = 3;

/**
 * A file whose bytes are uploaded once, to the container of the first terminal. Azure Storage copies the blob into the
 * containers of the others: each terminal has its own blob, and its link ends with its own stored access policy.
 */
export class SharedFile {
  /** The file's name for the terminals. */
  readonly name: string;
  readonly digest: FileDigest;
  private readonly path: string;
  private readonly journal: Pick<RunJournal, "sourceOf" | "addSource">;
  private source: BlobSource | undefined;
  private readonly uploading = pLimit(1);

  constructor(
    file: { name: string; path: string; digest: FileDigest },
    journal: Pick<RunJournal, "sourceOf" | "addSource">,
  ) {
    this.name = file.name;
    this.path = file.path;
    this.digest = file.digest;
    this.journal = journal;
    this.source = journal.sourceOf(file.name);
  }

  /**
   * Puts the content into a terminal's container, unless it is there.
   * @returns Where it is. `isUploaded`: it was there before.
   */
  async place(files: FilesAccount, terminal: string, signal: AbortSignal): Promise<BlobLocation> {
    const container = await files.containerClient(terminal);
    const found = await findBlobLocation(container, this.digest, this.name);
    if (found.isUploaded) {
      const hasBlob = await container
        .getBlobClient(found.blob)
        // The lifecycle rule counts from the last modification: the blob must exist as long as the new link is valid.
        .setMetadata({ sha256: this.digest.sha256 })
        .then(
          () => true,
          (error) => statusOf(error) !== 404 && Promise.reject(error),
        );
      if (hasBlob) {
        await this.uploading(() => this.useAsSource({ terminal, blob: found.blob }));
        return found;
      }
    }
    for (let attempt = 1; ; attempt++) {
      const target = found.isUploaded || attempt > 1 ? newBlobLocation(this.digest, this.name) : found;
      const source = await this.uploading(async () => {
        if (this.source) return this.source;
        const blob = container.getBlockBlobClient(target.blob);
        await uploadBlocks(blob, this.path, this.digest, () => {}, signal);
        await this.useAsSource({ terminal, blob: target.blob });
        return undefined;
      });
      if (!source) return target;
      const { blob } = newBlobLocation(this.digest, this.name);
      const sourceContainer = await files.containerClient(source.terminal);
      const isCopied = await this.copy(
        sourceContainer.getBlobClient(source.blob).url,
        container.getBlockBlobClient(blob),
        signal,
      );
      if (isCopied) return { blob, isUploaded: false };
      // The source was withdrawn or its terminal retired in the meantime.
      if (this.source === source) this.source = undefined;
      if (attempt === maxSources) throw new OperatorError("failed", t`${this.name} was deleted repeatedly`);
    }
  }

  private async useAsSource(source: BlobSource): Promise<void> {
    if (this.source) return;
    this.source = source;
    await this.journal.addSource(this.name, source);
  }

  /** @returns False when the source does not exist. */
  private async copy(from: string, target: BlockBlobClient, abortSignal: AbortSignal): Promise<boolean> {
    const copy = async () => {
      const poller = await target.beginCopyFromURL(from, {
        metadata: { sha256: this.digest.sha256 },
        conditions: { ifNoneMatch: "*" },
        intervalInMs: copyPollMs,
        abortSignal,
      });
      const { copyStatus } = await poller.pollUntilDone();
      if (copyStatus === "success") return;
      throw new OperatorError(
        "failed",
        t`Azure Storage ended the copy with the status ${copyStatus ?? "unknown"}`,
      );
    };
    try {
      await acceptExistingBlob(target, this.digest, copy());
    } catch (error) {
      if (statusOf(error) === 404 && storageErrorCode(error) !== "ContainerNotFound") return false;
      throw error;
    }
    // A copy names its source, and with it another terminal, until its properties are set ("Get Blob", x-ms-copy-source).
    await target.setHTTPHeaders({ blobContentType: "application/octet-stream" }, { abortSignal });
    return true;
  }
}
