import type { ContainerClient } from "@azure/storage-blob";
import { statusOf } from "../azure/explain-error.ts";
import { downloadBlob, downloadWhole } from "../file-exchange/download.ts";

/** Blob names: month and part number. They sort in the order of the log. */
const namePattern = /^(\d{4}-\d{2})\.(\d{3})\.jsonl$/;

/** Number of blocks after which a blob is closed. Azure Storage allows 50,000 blocks in an append blob. */
export const maxBlocks = 45_000;

/** Most bytes of a blob that are read at once: what was appended since it was listed or read before. */
const maxPartBytes = 256 * 1024 * 1024;

/** Longest line in bytes. A record is written in one block, and a block has at most 4 MiB. */
const maxLineBytes = 4 * 1024 * 1024;

/** The name of a month's first blob. */
export function firstBlobName(month: string): string {
  return `${month}.001.jsonl`;
}

/** The name of the blob after `name`: the next part of its month, or the first part of a later month. */
export function nextBlobName(name: string, month: string): string {
  const [, itsMonth = "", part] = namePattern.exec(name) ?? [];
  return month > itsMonth
    ? firstBlobName(month)
    : `${itsMonth}.${String(Number(part) + 1).padStart(3, "0")}.jsonl`;
}

/** The month of a blob, for example 2025-11. */
export function monthOf(name: string): string {
  return name.slice(0, 7);
}

/** The bytes of a blob from an offset to its end. */
export interface BlobPart {
  bytes: Buffer;
  /** Length of the whole blob. */
  length: number;
  blocks: number;
}

/** The append blobs of the audit log's container. */
export class AuditBlobs {
  private readonly container: ContainerClient;
  private clockOffsetMs = 0;

  constructor(container: ContainerClient) {
    this.container = container;
  }

  /** Milliseconds since 1970 by the storage account's clock. Before the first answer: by this computer's clock. */
  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /** Lists the log's blobs, the oldest first, and the names of all other blobs in the container. */
  async list(): Promise<{ blobs: { name: string; length: number }[]; foreignBlobs: string[] }> {
    const blobs: { name: string; length: number }[] = [];
    const foreignBlobs: string[] = [];
    for await (const page of this.container.listBlobsFlat().byPage()) {
      this.observeDate(page.date);
      for (const { name, properties } of page.segment.blobItems) {
        if (namePattern.test(name)) blobs.push({ name, length: properties.contentLength ?? 0 });
        else foreignBlobs.push(name);
      }
    }
    return { blobs: blobs.sort((a, b) => (a.name < b.name ? -1 : 1)), foreignBlobs };
  }

  /** Creates an empty blob unless it exists. */
  async create(name: string): Promise<void> {
    try {
      await this.container.getAppendBlobClient(name).create({ conditions: { ifNoneMatch: "*" } });
    } catch (error) {
      // An existing blob is reported with several codes, depending on the immutability policy.
      const { code } = error as { code?: string };
      if (statusOf(error) !== 409 && code !== "UnauthorizedBlobOverwrite") throw error;
    }
  }

  /**
   * Appends to a blob if its length is `position`.
   * @returns The blob's number of blocks afterwards; undefined when its length differs.
   */
  async append(name: string, position: number, bytes: Buffer): Promise<number | undefined> {
    const blob = this.container.getAppendBlobClient(name);
    try {
      const answer = await blob.appendBlock(bytes, bytes.length, {
        conditions: { appendPosition: position },
      });
      this.observeDate(answer.date);
      return answer.blobCommittedBlockCount ?? 0;
    } catch (error) {
      if (statusOf(error) === 412) return undefined;
      throw error;
    }
  }

  /** Reads a blob from `offset` to its end; undefined when it is not longer than that or does not exist. */
  async read(name: string, offset: number): Promise<BlobPart | undefined> {
    const blob = this.container.getAppendBlobClient(name);
    let blocks = 0;
    const onAnswer = (answer: { blobCommittedBlockCount?: number }) => {
      blocks = answer.blobCommittedBlockCount ?? 0;
    };
    try {
      const bytes = await downloadWhole(blob, maxPartBytes, { offset, isAppendOnly: true, onAnswer });
      return { bytes, length: offset + bytes.length, blocks };
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 416) return undefined;
      throw error;
    }
  }

  /**
   * Reads a blob's lines as bytes, also a last one without a line break. Yields nothing for a deleted blob. A line that is
   * longer than a record is cut, and the blob ends there: the chain is broken at that line.
   */
  async *lines(name: string): AsyncGenerator<Buffer> {
    const blob = this.container.getAppendBlobClient(name);
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of downloadBlob(blob, { isAppendOnly: true })) {
        let start = 0;
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
          yield Buffer.concat([rest, chunk.subarray(start, end)]);
          rest = Buffer.alloc(0);
          start = end + 1;
        }
        rest = Buffer.concat([rest, chunk.subarray(start)]);
        if (rest.length > maxLineBytes) break;
      }
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 416) return;
      throw error;
    }
    if (rest.length > 0) yield rest;
  }

  /** Follows the storage account's clock by the date of an answer. */
  private observeDate(date: Date | undefined): void {
    if (!date) return;
    // The header has whole seconds and the answer took some time, so a small difference means nothing.
    const difference = date.getTime() - Date.now();
    this.clockOffsetMs = Math.abs(difference) < 3000 ? 0 : difference;
  }
}
