import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import pLimit from "p-limit";
import { z } from "zod";
import { fileError } from "../lib/file-errors.ts";
import { lock } from "../lib/file-lock.ts";
import { openReadWrite, syncFolder, writeAt } from "../lib/fsync.ts";
import { HashIndex } from "../lib/hash-index.ts";
import { OperatorError } from "../lib/operator-error.ts";

const entry = z.object({
  terminal: z.string(),
  customer: z.string(),
  site: z.string(),
  /** Base64 of SHA-256 of the Flow key in the hand-over. */
  flowKeySha256: z.string(),
  /** Base64 of SHA-256 of the customer's shared key in the hand-over. */
  sharedKeySha256: z.string(),
  /** Base64 of SHA-256 of the sealed hand-over. */
  handoverSha256: z.string(),
  /** When the Flow key was minted, ISO 8601. */
  createdAt: z.string(),
  /** Set once its Flow row was there: from then on another key in the row means that it was renewed. */
  onboarded: z.literal(true).optional(),
});

/** What a run remembers of a hand-over that it sealed. No secret. */
export type JournalEntry = z.infer<typeof entry>;

/** Bytes that no entry exceeds: ids, a site's 100 characters, three hashes and a time. */
const longestEntry = 1024;

/**
 * A batch's memory between runs: append-only, one JSON line a hand-over, the last line of a terminal counts. What
 * was appended survives a kill and a power cut. While it is open, no other run can open it; see `lock`.
 */
export class Journal {
  private readonly file: FileHandle;
  private readonly path: string;
  private readonly unlock: () => void;
  private readonly offsets: HashIndex;
  private size: number;
  private readonly serial = pLimit(1);

  private constructor(
    path: string,
    unlock: () => void,
    file: FileHandle,
    { offsets, size }: Awaited<ReturnType<typeof index>>,
  ) {
    this.path = path;
    this.unlock = unlock;
    this.file = file;
    this.offsets = offsets;
    this.size = size;
  }

  /** Where a batch's journal for one hub is: beside the batch, so that the batch can be onboarded to several hubs. */
  static pathFor(batch: string, hubHostName: string): string {
    return `${batch}.${hubHostName.split(".")[0]}.journal`;
  }

  /**
   * Opens a journal, making it when it is not there. An entry that a kill cut short is taken off.
   * @throws OperatorError when another run has it open, or it is damaged.
   */
  static async open(path: string): Promise<Journal> {
    let unlock: (() => void) | undefined;
    let file: FileHandle | undefined;
    try {
      unlock = await lock(path);
      file = await openReadWrite(path);
      await syncFolder(dirname(path));
      const indexed = await index(file, path);
      if ((await file.stat()).size > indexed.size) await file.truncate(indexed.size);
      return new Journal(path, unlock, file, indexed);
    } catch (error) {
      await file?.close();
      unlock?.();
      if (error instanceof OperatorError) throw error;
      throw new OperatorError("usage", `the journal ${path} cannot be made: ${(error as Error).message}`);
    }
  }

  /**
   * Opens a journal for who only looks: a run may be at work on it, and nothing of it is changed.
   * @returns Undefined when there is none.
   * @throws OperatorError when it is damaged, or cannot be read.
   */
  static async openReadOnly(path: string): Promise<(Pick<Journal, "get"> & AsyncDisposable) | undefined> {
    let file: FileHandle;
    try {
      file = await open(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw fileError(path, "read", error);
    }
    try {
      const journal = new Journal(path, () => {}, file, await index(file, path));
      return { get: (terminal) => journal.get(terminal), [Symbol.asyncDispose]: () => file.close() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The last entry of a terminal. */
  async get(terminal: string): Promise<JournalEntry | undefined> {
    const offset = this.offsets.get(terminal);
    if (offset === undefined) return undefined;
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(longestEntry), 0, longestEntry, offset);
    const found = parse(buffer.subarray(0, bytesRead).toString("utf8").split("\n")[0] as string);
    return found?.terminal === terminal ? found : undefined;
  }

  /** Appends entries; when it resolves they survive a power cut. */
  append(entries: JournalEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    return this.serial(() => this.write(entries));
  }

  async close(): Promise<void> {
    await this.serial(() => this.file.close());
    this.unlock();
  }

  private async write(entries: JournalEntry[]): Promise<void> {
    const lines = entries.map((one) => Buffer.from(`${JSON.stringify(one)}\n`));
    try {
      await writeAt(this.file, Buffer.concat(lines), this.size);
      await this.file.datasync();
    } catch (error) {
      // A full disk may have taken half a line; the next entry must not be glued to it.
      await this.file.truncate(this.size);
      throw new OperatorError("failed", `${this.path} cannot be written: ${(error as Error).message}`);
    }
    for (const [position, line] of lines.entries()) {
      this.offsets.set((entries[position] as JournalEntry).terminal, this.size);
      this.size += line.length;
    }
  }
}

/**
 * The entries of a journal, the oldest first, for who only looks: a run may be at work on it.
 * @throws OperatorError when it cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new OperatorError("usage", `the journal ${path} cannot be read: ${(error as Error).message}`);
  }
  // The last line may not be whole yet.
  for await (const line of file.readLines()) {
    const found = parse(line);
    if (found) yield found;
  }
}

function parse(line: string): JournalEntry | undefined {
  try {
    return entry.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function index(file: FileHandle, path: string): Promise<{ offsets: HashIndex; size: number }> {
  const offsets = new HashIndex();
  let size = 0;
  let number = 0;
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(64 * 1024);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return { offsets, size };
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      number++;
      const found = parse(rest.subarray(0, end).toString("utf8"));
      if (!found) {
        throw new OperatorError("usage", `${path}: line ${number} is damaged`, {
          remedy:
            "Restore the journal from a copy. Without it, terminals that are onboarded cannot be told from others.",
        });
      }
      offsets.set(found.terminal, size);
      size += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
}
