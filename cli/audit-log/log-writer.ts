import { isRestError } from "@azure/core-rest-pipeline";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { type ChainHead, emptyChain, hashLine, linkRecord, parseLine } from "./chain.ts";
import { type AuditBlobs, firstBlobName, maxBlocks, monthOf, nextBlobName } from "./log-blobs.ts";
import type { ChangeRecord, RecordContent } from "./record.ts";

/** Where the next record goes. */
interface Tail {
  /** The newest blob. */
  blob: string;
  length: number;
  blocks: number;
  head: ChainHead;
  /** The blob's end is not a line's end: somebody has added something else. */
  ragged: boolean;
  /** Set when the blob is closed. */
  next?: string;
}

interface Waiting {
  records: ChangeRecord[];
  done: () => void;
  failed: (error: unknown) => void;
}

/** Lines are far shorter, so that this much of a blob's end holds its last ones. */
const endBytes = 256 * 1024;
/** Records that are written together at most, and their bytes: an append block takes 4 MiB. */
const mostRecordsAtOnce = 200;
const mostBytesAtOnce = 2 * 1024 * 1024;
/** Appends are quick and the operators of a fleet are few: many attempts, close together. */
const attempts = 200;
const retryRange = { firstMs: 10, longestMs: 250 };

/**
 * Adds records to the chain. Every append names the place at which the blob must end, so that of several operators
 * at once one wins and the others read what it added before they try again: there is one chain. Records that wait
 * together are written together.
 */
export class AuditLogWriter {
  private readonly blobs: AuditBlobs;
  private readonly mostBlocks: number;
  private readonly waiting: Waiting[] = [];
  private tail: Tail | undefined;
  private writing = false;

  constructor(blobs: AuditBlobs, options: { mostBlocks?: number } = {}) {
    this.blobs = blobs;
    this.mostBlocks = options.mostBlocks ?? maxBlocks;
  }

  /** Resolves when the records are in the log, in this order. */
  append(records: ChangeRecord[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.waiting.push({ records, done: resolve, failed: reject });
    if (!this.writing) void this.writeAll();
    return promise;
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const some = [this.waiting.shift() as Waiting];
      let count = some[0]?.records.length ?? 0;
      while (this.waiting[0] && count + this.waiting[0].records.length <= mostRecordsAtOnce) {
        count += this.waiting[0].records.length;
        some.push(this.waiting.shift() as Waiting);
      }
      try {
        for (const part of parts(some.flatMap(({ records }) => records))) await this.write(part);
        for (const { done } of some) done();
      } catch (error) {
        this.tail = undefined;
        // When nobody answers, what waits would wait for the same.
        if (isRestError(error) && error.statusCode === undefined) some.push(...this.waiting.splice(0));
        for (const { failed } of some) failed(error);
      }
    }
    this.writing = false;
  }

  private async write(records: ChangeRecord[]): Promise<void> {
    const ids = new Set(records.map(({ id }) => id));
    const append = async () => {
      const tail = await this.open();
      const contents: RecordContent[] = [...records];
      if (tail.length === 0) contents.unshift({ stage: "opened", at: this.at(), blob: tail.blob });
      const added = await this.add(tail, contents);
      if (added === "added") return;
      // An answer may have been lost after the records were taken.
      return added.some((id) => ids.has(id)) ? undefined : conflict;
    };
    await updateOptimistically("the audit log", append, { attempts, range: retryRange });
  }

  /** The blob to write to: the newest one, or the one after it when that is closed or has to be. */
  private async open(): Promise<Tail> {
    for (;;) {
      this.tail ??= await this.find();
      const tail = this.tail;
      if (tail.next) {
        await this.blobs.create(tail.next);
        this.tail = (await this.end(tail.next)) ?? empty(tail.next, tail.head);
        continue;
      }
      const month = this.at().slice(0, 7);
      if (tail.length === 0 || (month <= monthOf(tail.blob) && tail.blocks < this.mostBlocks)) return tail;
      await this.add(tail, [{ stage: "closed", at: this.at(), next: nextBlobName(tail.blob, month) }]);
    }
  }

  /** @returns "added"; or the ids of the records that others added meanwhile, which are read then. */
  private async add(tail: Tail, contents: RecordContent[]): Promise<"added" | string[]> {
    let { head } = tail;
    const lines: string[] = tail.ragged ? [""] : [];
    for (const content of contents) {
      const linked = linkRecord(content, head);
      lines.push(linked.line);
      head = linked.head;
    }
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const blocks = await this.blobs.append(tail.blob, tail.length, bytes);
    if (blocks !== undefined) {
      const last = contents.at(-1);
      const next = last?.stage === "closed" ? { next: last.next } : {};
      this.tail = { ...tail, length: tail.length + bytes.length, blocks, head, ragged: false, ...next };
      return "added";
    }
    const part = await this.blobs.read(tail.blob, tail.length);
    this.tail = part && after(tail, part.bytes, part.length, part.blocks);
    const news = part?.bytes.toString("utf8").split("\n") ?? [];
    return news.flatMap((line) => {
      const found = parseLine(line);
      return found && "id" in found ? [found.id] : [];
    });
  }

  /** Finds the end of the chain. */
  private async find(): Promise<Tail> {
    const { blobs } = await this.blobs.list();
    const newest = blobs.findLast(({ length }) => length > 0);
    const end = newest && (await this.end(newest.name, newest.length));
    if (end) return end;
    const blob = blobs.at(-1)?.name ?? firstBlobName(this.at().slice(0, 7));
    await this.blobs.create(blob);
    return empty(blob, emptyChain);
  }

  /** A blob's end; undefined when it is empty. */
  private async end(name: string, length = 0): Promise<Tail | undefined> {
    const offset = Math.max(0, length - endBytes);
    const part = await this.blobs.read(name, offset);
    if (!part || part.bytes.length === 0) return undefined;
    return after({ ...empty(name, emptyChain), length: offset }, part.bytes, part.length, part.blocks);
  }

  private at(): string {
    return new Date(this.blobs.now()).toISOString();
  }
}

function* parts(records: ChangeRecord[]): Generator<ChangeRecord[]> {
  let part: ChangeRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = JSON.stringify(record).length;
    if (bytes + size > mostBytesAtOnce && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  yield part;
}

function empty(blob: string, head: ChainHead): Tail {
  return { blob, length: 0, blocks: 0, head, ragged: false };
}

/** The tail after more was added to it. What is not a record breaks the chain for good, but does not end it. */
function after(tail: Tail, bytes: Buffer, length: number, blocks: number): Tail {
  const lines = bytes.toString("utf8").split("\n");
  const ragged = lines.at(-1) !== "";
  if (!ragged) lines.pop();
  const last = lines.at(-1) ?? "";
  const found = parseLine(last);
  const known = found ?? lines.map(parseLine).findLast((record) => record !== undefined);
  const head = { sequence: known?.sequence ?? tail.head.sequence, hash: hashLine(last) };
  const next = found?.stage === "closed" ? { next: found.next } : {};
  return { blob: tail.blob, length, blocks, head, ragged, ...next };
}
