import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import pLimit from "p-limit";
import { z } from "zod";
import { fileError, reasonOf } from "../lib/file-errors.ts";
import { lock } from "../lib/file-lock.ts";
import { openReadWrite, syncFolder, writeAt } from "../lib/fsync.ts";
import { HashIndex } from "../lib/hash-index.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

const journalEntry = z.object({
  terminal: z.string(),
  customer: z.string(),
  site: z.string(),
  /** SHA-256 of the Flow key in the credential bundle, base64. */
  flowKeySha256: z.string(),
  /** SHA-256 of the customer's subscription key in the credential bundle, base64. */
  sharedKeySha256: z.string(),
  /** SHA-256 of the sealed credential bundle, base64. */
  handoverSha256: z.string(),
  /** Creation time of the Flow key, ISO 8601. */
  createdAt: z.string(),
  /** The Flow key row was added. A row with another key afterwards means that the Flow key was rotated. */
  onboarded: z.literal(true).optional(),
});

/** A sealed credential bundle, as the journal records it. It holds no secret. */
export type JournalEntry = z.infer<typeof journalEntry>;

/** Longest entry in bytes: IDs, a site of 100 characters, three hashes and a time. */
const maxEntryBytes = 1024;

/**
 * The journal of a batch, which lets an interrupted run continue. It is append-only, with one JSON entry a line, and the
 * last entry of a terminal counts. Appended entries survive a kill and a power cut. While a journal is open, no other run
 * can open it; see `lock`.
 */
export class Journal {
  private readonly file: FileHandle;
  private readonly path: string;
  private readonly unlock: () => void;
  private readonly offsets: HashIndex;
  private size: number;
  private readonly serial = pLimit(1);

  private constructor(path: string, unlock: () => void, file: FileHandle, { offsets, size }: JournalIndex) {
    this.path = path;
    this.unlock = unlock;
    this.file = file;
    this.offsets = offsets;
    this.size = size;
  }

  /** Path of a batch's journal for one IoT Hub: beside the batch file, one for each IoT Hub. */
  static pathFor(batch: string, hubHostName: string): string {
    return `${batch}.${hubHostName.split(".")[0]}.journal`;
  }

  /**
   * Opens a journal, and creates it if it does not exist. An incomplete last entry is removed.
   * @throws OperatorError when another run has it open, or it is damaged.
   */
  static async open(path: string): Promise<Journal> {
    let unlock: (() => void) | undefined;
    let file: FileHandle | undefined;
    try {
      unlock = await lock(path);
      file = await openReadWrite(path);
      await syncFolder(dirname(path));
      const index = await indexJournal(file, path);
      if ((await file.stat()).size > index.size) await file.truncate(index.size);
      return new Journal(path, unlock, file, index);
    } catch (error) {
      await file?.close();
      unlock?.();
      if (error instanceof OperatorError) throw error;
      throw new OperatorError("usage", t`the journal ${path} cannot be opened: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * Opens a journal without a lock and without changing it. Another run may be writing to it.
   * @returns Undefined when there is none.
   * @throws OperatorError when it is damaged or cannot be read.
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
      const journal = new Journal(path, () => {}, file, await indexJournal(file, path));
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
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(maxEntryBytes), 0, maxEntryBytes, offset);
    const line = buffer.subarray(0, bytesRead).toString("utf8").split("\n")[0] as string;
    const entry = parseEntry(line);
    // Two terminals can have the same hash in the index.
    return entry?.terminal === terminal ? entry : undefined;
  }

  /** Appends entries. When it resolves, they survive a power cut. */
  append(entries: JournalEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    return this.serial(() => this.write(entries));
  }

  async close(): Promise<void> {
    await this.serial(() => this.file.close());
    this.unlock();
  }

  private async write(entries: JournalEntry[]): Promise<void> {
    const lines = entries.map((entry) => Buffer.from(`${JSON.stringify(entry)}\n`));
    try {
      await writeAt(this.file, Buffer.concat(lines), this.size);
      await this.file.datasync();
    } catch (error) {
      // A full disk may have stored a part of a line, to which the next entry must not be appended.
      await this.file.truncate(this.size);
      throw new OperatorError("failed", t`${this.path} cannot be written: ${reasonOf(error)}`, {
        remedy: t`Free disk space, and run this again: it continues.`,
        cause: error,
      });
    }
    for (const [position, line] of lines.entries()) {
      this.offsets.set((entries[position] as JournalEntry).terminal, this.size);
      this.size += line.length;
    }
  }
}

/**
 * Reads the entries of a journal, the oldest first, without a lock. Another run may be writing to it.
 * @throws OperatorError when it cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new OperatorError("usage", t`the journal ${path} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  try {
    for await (const { entry } of readEntries(file, path)) if (entry) yield entry;
  } finally {
    await file.close();
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return journalEntry.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

interface JournalIndex {
  /** Offset of each terminal's last entry. */
  offsets: HashIndex;
  /** Length of the complete entries in bytes. */
  size: number;
}

/** @throws OperatorError when a complete line is not a valid entry, or the file is no journal. */
async function indexJournal(file: FileHandle, path: string): Promise<JournalIndex> {
  const offsets = new HashIndex();
  let size = 0;
  let number = 0;
  for await (const { entry, start, end } of readEntries(file, path)) {
    number++;
    if (!entry) throw damagedError(path, number);
    offsets.set(entry.terminal, start);
    size = end;
  }
  return { offsets, size };
}

interface JournalLine {
  /** Undefined when the line is no valid entry. */
  entry: JournalEntry | undefined;
  /** Offsets in the file; `end` is after the line break. */
  start: number;
  end: number;
}

/** Longest incomplete end in bytes: what one write appends. */
const maxRestBytes = 1024 * 1024;
const firstBytes = Buffer.from('{"terminal":');

/**
 * Reads the complete lines of a journal. An incomplete last line is skipped.
 * @throws OperatorError when the file does not begin as a journal, or a line is endless.
 */
async function* readEntries(file: FileHandle, path: string): AsyncGenerator<JournalLine> {
  let start = 0;
  let number = 0;
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(64 * 1024);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      number++;
      const end = start + at + 1;
      yield { entry: parseEntry(rest.subarray(0, at).toString("utf8")), start, end };
      start = end;
      rest = rest.subarray(at + 1);
    }
    if (rest.length > maxRestBytes) throw damagedError(path, number + 1);
  }
  // The rest is removed when the journal is opened for writing, so it must not be another file's content. After a power
  // cut, some file systems fill it with zero bytes.
  const head = rest.subarray(0, firstBytes.length);
  if (start === 0 && !head.equals(firstBytes.subarray(0, head.length)) && rest.some((byte) => byte !== 0)) {
    throw damagedError(path, 1);
  }
}

function damagedError(path: string, line: number): OperatorError {
  return new OperatorError("usage", t`${path}: line ${line} is damaged`, {
    remedy: t`Restore the journal from a copy. Without it, onboarded terminals cannot be recognised.`,
  });
}
