import { isRestError } from "@azure/core-rest-pipeline";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { t } from "../words/translate.ts";
import { linkRecord, parseLine } from "./chain.ts";
import { advanceTail, type ChainTail, emptyTail, findTail, readTail } from "./chain-tail.ts";
import { type AuditBlobs, maxBlocks, monthOf, nextBlobName } from "./log-blobs.ts";
import type { ChangeRecord, RecordContent } from "./record.ts";

/** Records that wait to be appended. */
interface QueuedRecords {
  records: ChangeRecord[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Limits of one append. Azure Storage accepts at most 4 MiB a block. */
const maxRecordsPerAppend = 200;
const maxBytesPerAppend = 2 * 1024 * 1024;
/** Appends are quick and a fleet has few operators: many attempts with short waits. */
const attempts = 200;
const retryRange = { firstMs: 10, longestMs: 250 };

/**
 * Appends records to the hash chain. Every append is conditional on the blob's length: if several operators append at
 * once, one succeeds, and the others read the new records before they try again. So there is one chain. Records that
 * are queued together are appended together.
 */
export class AuditLogWriter {
  private readonly blobs: AuditBlobs;
  private readonly maxBlocks: number;
  private readonly queue: QueuedRecords[] = [];
  private tail: ChainTail | undefined;
  private isWriting = false;

  /** @param options.maxBlocks Blocks after which a blob is closed; default: 45,000. */
  constructor(blobs: AuditBlobs, options: { maxBlocks?: number } = {}) {
    this.blobs = blobs;
    this.maxBlocks = options.maxBlocks ?? maxBlocks;
  }

  /** Appends records in this order. Resolves when they are in the log. */
  append(records: ChangeRecord[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.queue.push({ records, resolve, reject });
    if (!this.isWriting) void this.writeQueue();
    return promise;
  }

  private async writeQueue(): Promise<void> {
    this.isWriting = true;
    while (this.queue.length > 0) {
      const batch = this.nextBatch();
      try {
        for (const part of splitBySize(batch.flatMap(({ records }) => records))) await this.write(part);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.tail = undefined;
        // Without an answer from the service, the rest of the queue would only wait for the same time-out.
        if (isRestError(error) && error.statusCode === undefined) batch.push(...this.queue.splice(0));
        for (const { reject } of batch) reject(error);
      }
    }
    this.isWriting = false;
  }

  /** Takes as many records from the queue as one append can hold. */
  private nextBatch(): QueuedRecords[] {
    const batch = [this.queue.shift() as QueuedRecords];
    let count = batch[0]?.records.length ?? 0;
    while (this.queue[0] && count + this.queue[0].records.length <= maxRecordsPerAppend) {
      count += this.queue[0].records.length;
      batch.push(this.queue.shift() as QueuedRecords);
    }
    return batch;
  }

  private async write(records: ChangeRecord[]): Promise<void> {
    const ids = new Set(records.map(({ id }) => id));
    const attempt = async () => {
      const tail = await this.openTail();
      const contents: RecordContent[] = [...records];
      if (tail.length === 0) contents.unshift({ stage: "opened", at: this.now(), blob: tail.blob });
      const othersIds = await this.appendAt(tail, contents);
      if (!othersIds) return;
      // These records are in the log already if an earlier append succeeded and its answer was lost.
      return othersIds.some((id) => ids.has(id)) ? undefined : conflict;
    };
    await updateOptimistically(t`the audit log`, attempt, { attempts, range: retryRange });
  }

  /** The blob to append to. A full blob or one of an earlier month is closed, and the next one is created. */
  private async openTail(): Promise<ChainTail> {
    for (;;) {
      this.tail ??= await findTail(this.blobs, this.month());
      const tail = this.tail;
      if (tail.next) {
        await this.blobs.create(tail.next);
        this.tail = (await readTail(this.blobs, tail.next)) ?? emptyTail(tail.next, tail.head);
        continue;
      }
      const isCurrent = this.month() <= monthOf(tail.blob) && tail.blocks < this.maxBlocks;
      if (tail.length === 0 || isCurrent) return tail;
      const next = nextBlobName(tail.blob, this.month());
      await this.appendAt(tail, [{ stage: "closed", at: this.now(), next }]);
    }
  }

  /**
   * Appends records at a tail, unless others appended there first. Then it reads their records.
   * @returns Undefined when the records were appended; else the IDs of the others' records.
   */
  private async appendAt(tail: ChainTail, contents: RecordContent[]): Promise<string[] | undefined> {
    let { head } = tail;
    const lines: string[] = tail.endsMidLine ? [""] : [];
    for (const content of contents) {
      const linked = linkRecord(content, head);
      lines.push(linked.line);
      head = linked.head;
    }
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const blocks = await this.blobs.append(tail.blob, tail.length, bytes);
    if (blocks !== undefined) {
      const last = contents.at(-1);
      const next = last?.stage === "closed" ? last.next : undefined;
      this.tail = { ...tail, length: tail.length + bytes.length, blocks, head, endsMidLine: false, next };
      return undefined;
    }
    const part = await this.blobs.read(tail.blob, tail.length);
    this.tail = part && advanceTail(tail, part);
    const othersLines = part?.bytes.toString("utf8").split("\n") ?? [];
    return othersLines.flatMap((line) => {
      const record = parseLine(line);
      return record && "id" in record ? [record.id] : [];
    });
  }

  private now(): string {
    return new Date(this.blobs.now()).toISOString();
  }

  /** The current month, for example 2025-11. */
  private month(): string {
    return this.now().slice(0, 7);
  }
}

/** Splits records into parts that fit into one append each. */
function* splitBySize(records: ChangeRecord[]): Generator<ChangeRecord[]> {
  let part: ChangeRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = JSON.stringify(record).length;
    if (bytes + size > maxBytesPerAppend && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  yield part;
}
