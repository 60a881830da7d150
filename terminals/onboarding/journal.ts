import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { HashIndex } from "../batch/hash-index.ts";
import { OperatorError } from "../errors.ts";

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
 * was appended survives a kill and a power cut. While it is open, no other run can open it.
 */
export class Journal {
  private readonly file: FileHandle;
  private readonly path: string;
  private readonly offsets: HashIndex;
  private size: number;
  private queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, offsets: HashIndex, size: number) {
    this.path = path;
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
    try {
      lock(path);
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError("usage", `the journal ${path} cannot be made: ${(error as Error).message}`);
    }
    let file: FileHandle | undefined;
    try {
      file = await open(path, "a+", 0o600);
      const { offsets, size } = await index(file, path);
      await file.truncate(size);
      return new Journal(path, file, offsets, size);
    } catch (error) {
      await file?.close();
      unlock(path);
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
    const turn = this.queue.then(() => this.write(entries));
    this.queue = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.file.close();
    unlock(this.path);
  }

  private async write(entries: JournalEntry[]): Promise<void> {
    const lines = entries.map((one) => Buffer.from(`${JSON.stringify(one)}\n`));
    try {
      await this.file.appendFile(Buffer.concat(lines));
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

/** Journals that this process has open. */
const held = new Set<string>();

function lock(path: string): void {
  const file = `${path}.lock`;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid), { mode: 0o600 });
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        // A link appears whole, with the process's number in it, or not at all.
        linkSync(mine, file);
        held.add(path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 3) throw error;
      }
      const holder = Number(readFileSync(file, "utf8"));
      if (holder === process.pid ? held.has(path) : isRunning(holder)) {
        throw new OperatorError("usage", `another run (process ${holder}) is onboarding this batch`, {
          remedy: `Wait for it to end. If there is no such run, remove ${file}.`,
        });
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function unlock(path: string): void {
  held.delete(path);
  rmSync(`${path}.lock`, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
