import { buffer } from "node:stream/consumers";
import type { ContainerClient } from "@azure/storage-blob";
import { statusOf } from "../azure/explain-error.ts";
import { downloadBlob } from "../file-exchange/download.ts";

/** Names of the log's blobs: the month, and its parts where one does not do. They sort as they follow each other. */
const namePattern = /^(\d{4}-\d{2})\.(\d{3})\.jsonl$/;

/** Blocks of an append blob are at most 50,000; a blob is closed well before. */
export const maxBlocks = 45_000;

/** The name of a month's first blob. */
export function firstBlobName(month: string): string {
  return `${month}.001.jsonl`;
}

/** The name of the blob that follows one: the next part of its month, or the first of a later month. */
export function nextBlobName(name: string, month: string): string {
  const [, itsMonth = "", part] = namePattern.exec(name) ?? [];
  return month > itsMonth
    ? firstBlobName(month)
    : `${itsMonth}.${String(Number(part) + 1).padStart(3, "0")}.jsonl`;
}

/** The month of a blob, as 2025-11. */
export function monthOf(name: string): string {
  return name.slice(0, 7);
}

/** A blob's bytes from some place to its end. */
export interface BlobPart {
  bytes: Buffer;
  /** The blob's whole length. */
  length: number;
  blocks: number;
}

/** The append blobs of the log's container. */
export class AuditBlobs {
  private readonly container: ContainerClient;
  private clockOffset = 0;

  constructor(container: ContainerClient) {
    this.container = container;
  }

  /** Milliseconds since 1970 by the storage account's clock, as far as it has been heard of. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  /** The log's blobs, the oldest first, and whatever else is in the container. */
  async list(): Promise<{ blobs: { name: string; length: number }[]; foreignBlobs: string[] }> {
    const blobs: { name: string; length: number }[] = [];
    const strangers: string[] = [];
    for await (const page of this.container.listBlobsFlat().byPage()) {
      this.heard(page.date);
      for (const { name, properties } of page.segment.blobItems) {
        if (namePattern.test(name)) blobs.push({ name, length: properties.contentLength ?? 0 });
        else strangers.push(name);
      }
    }
    return { blobs: blobs.sort((a, b) => (a.name < b.name ? -1 : 1)), foreignBlobs: strangers };
  }

  /** Makes an empty blob. It is there afterwards, whoever made it. */
  async create(name: string): Promise<void> {
    try {
      await this.container.getAppendBlobClient(name).create({ conditions: { ifNoneMatch: "*" } });
    } catch (error) {
      // One that is there already is answered in different words, depending on what else forbids to overwrite it.
      const { code } = error as { code?: string };
      if (statusOf(error) !== 409 && code !== "UnauthorizedBlobOverwrite") throw error;
    }
  }

  /**
   * Adds to a blob's end.
   * @returns How many blocks it has then; undefined when the blob does not end at `position` any more.
   */
  async append(name: string, position: number, bytes: Buffer): Promise<number | undefined> {
    const blob = this.container.getAppendBlobClient(name);
    try {
      const done = await blob.appendBlock(bytes, bytes.length, { conditions: { appendPosition: position } });
      this.heard(done.date);
      return done.blobCommittedBlockCount ?? 0;
    } catch (error) {
      if (statusOf(error) === 412) return undefined;
      throw error;
    }
  }

  /** A blob from `offset` to its end; undefined when it does not reach beyond it, or is not there. */
  async read(name: string, offset: number): Promise<BlobPart | undefined> {
    const blob = this.container.getAppendBlobClient(name);
    let blocks = 0;
    const onAnswer = (answer: { blobCommittedBlockCount?: number }) => {
      blocks = answer.blobCommittedBlockCount ?? 0;
    };
    try {
      const bytes = await buffer(downloadBlob(blob, { offset: offset, isAppendOnly: true, onAnswer }));
      return { bytes, length: offset + bytes.length, blocks };
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 416) return undefined;
      throw error;
    }
  }

  /** A blob's lines as bytes; the last one even when it has no line break. Nothing when it is gone meanwhile. */
  async *lines(name: string): AsyncGenerator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of downloadBlob(this.container.getAppendBlobClient(name), {
        isAppendOnly: true,
      })) {
        let start = 0;
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
          yield Buffer.concat([rest, chunk.subarray(start, end)]);
          rest = Buffer.alloc(0);
          start = end + 1;
        }
        rest = Buffer.concat([rest, chunk.subarray(start)]);
      }
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 416) return;
      throw error;
    }
    if (rest.length > 0) yield rest;
  }

  private heard(date: Date | undefined): void {
    if (!date) return;
    // An answer says whole seconds, and has been on its way: less than that is no difference.
    const difference = date.getTime() - Date.now();
    this.clockOffset = Math.abs(difference) < 3000 ? 0 : difference;
  }
}
