import { randomBytes } from "node:crypto";
import { type FileHandle, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import envPaths from "env-paths";
import pLimit from "p-limit";
import { z } from "zod";
import { reasonOf } from "../../lib/file-errors.ts";
import { lock } from "../../lib/file-lock.ts";
import { createFoldersDurably, openReadWrite, syncFolder, writeAt } from "../../lib/fsync.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { type FileKind, readBounded } from "../../lib/read-bounded.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { plural, t } from "../../words/translate.ts";
import { derivedOfferId } from "../offers/offer.ts";

/** What makes two runs the same: a later run with the same identity continues an unfinished one. */
export interface RunIdentity {
  command: "send" | "request";
  /** Host name of the IoT Hub. */
  hub: string;
  /** Names of the files on the terminals; of files to send also their SHA-256, base64. */
  files: { name: string; sha256?: string }[];
  /** The options that select the terminals. */
  selection: unknown;
  /** Whether the run offers files again that terminals have handled. It is a run of its own. */
  again?: boolean;
}

const header = z.object({ version: z.literal(1), startedAt: z.int(), until: z.int(), seed: z.string() });
const source = z.object({ terminal: z.string(), blob: z.string() });
const entry = z.union([
  /** The terminal has all offers of the run. */
  z.object({ done: z.string() }),
  /** A blob that holds a file's whole content. */
  z.object({ file: z.string(), source }),
]);

/** A blob that holds a file's whole content, in the container of one of the terminals. */
export type BlobSource = z.infer<typeof source>;

/** About 80 bytes a terminal. */
const journalKind: FileKind = { name: () => t`a journal of files to send`, maxBytes: 256 * 1024 * 1024 };

/**
 * The journal of one run that offers files to many terminals, on the operator's computer. It holds a random seed, from
 * which each offer's ID is derived. A run that was killed and continues therefore never adds a second offer of a file: an
 * offer that the journal does not know, because the kill came before the entry, has the same ID. A terminal handles an ID
 * once, also after its offer was removed (docs/terminal-contract.md, "Files"). The journal holds no secret.
 */
export class RunJournal {
  /** Whether an earlier run wrote this journal. */
  readonly isContinued: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly path: string;
  private readonly seed: string;
  private readonly done = new Set<string>();
  private readonly sources = new Map<string, BlobSource>();
  private readonly file: FileHandle;
  private readonly unlock: () => void;
  private readonly serial = pLimit(1);
  private position: number;

  private constructor(
    path: string,
    text: string,
    parts: { file: FileHandle; unlock: () => void; isContinued: boolean },
  ) {
    const { startedAt, seed, entries } = parseJournal(text, path);
    this.path = path;
    this.startedAt = startedAt;
    this.seed = seed;
    this.isContinued = parts.isContinued;
    for (const one of entries) {
      if ("done" in one) this.done.add(one.done);
      else this.sources.set(one.file, one.source);
    }
    this.position = Buffer.byteLength(text);
    this.file = parts.file;
    this.unlock = parts.unlock;
  }

  /**
   * Opens the journal of a run, and begins a new one when there is none, or the links of the old one have expired.
   * @param options.days How long the file links of a new run are valid.
   * @param options.folder Default: in the user's data folder.
   * @throws OperatorError when another process has it open, or it is damaged or cannot be written.
   */
  static async open(
    identity: RunIdentity,
    options: { days: number; now?: number; folder?: string },
  ): Promise<RunJournal> {
    const { days, now = Date.now() } = options;
    const folder = options.folder ?? join(envPaths("terminal-fleet", { suffix: "" }).data, "runs");
    const path = join(folder, `${sha256Hex(JSON.stringify(identity)).slice(0, 32)}.jsonl`);
    const opened = new AsyncDisposableStack();
    try {
      await createFoldersDurably(folder);
      const unlock = await lock(
        path,
        plural(identity.files.length, { one: t`offers the same file`, other: t`offers the same files` }),
      );
      opened.defer(unlock);
      const file = await openReadWrite(path);
      opened.use(file);
      const kept = completeLines((await readBounded(path, journalKind)).toString("utf8"));
      const isUsable = kept !== "" && now < parseJournal(kept, path).until;
      const text = isUsable ? kept : newHeader(now, days);
      await file.truncate(Buffer.byteLength(isUsable ? kept : ""));
      if (!isUsable) await writeAt(file, Buffer.from(text), 0);
      await file.sync();
      await syncFolder(dirname(path));
      const journal = new RunJournal(path, text, { file, unlock, isContinued: isUsable });
      opened.move();
      return journal;
    } catch (error) {
      await opened.disposeAsync();
      if (error instanceof OperatorError) throw error;
      throw new OperatorError("failed", t`the journal ${path} cannot be written: ${reasonOf(error)}`, {
        remedy: t`Free disk space or correct the folder's permissions, and run this again.`,
        cause: error,
      });
    }
  }

  has(terminal: string): boolean {
    return this.done.has(terminal);
  }

  /** The ID of the offer of a file to a terminal in this run. */
  offerId(terminal: string, name: string): string {
    return derivedOfferId(this.startedAt, JSON.stringify([this.seed, terminal, name]));
  }

  /** Where the content of a file is stored already; undefined when it is not known. */
  sourceOf(name: string): BlobSource | undefined {
    return this.sources.get(name);
  }

  /** Remembers where the content of a file is stored. */
  addSource(name: string, source: BlobSource): Promise<void> {
    this.sources.set(name, source);
    return this.append({ file: name, source });
  }

  /** Remembers that a terminal has all offers. A kill after it does not lose the entry; a power cut can, until `sync`. */
  addDone(terminal: string): Promise<void> {
    this.done.add(terminal);
    return this.append({ done: terminal });
  }

  async sync(): Promise<void> {
    await this.serial(() => this.file.sync());
  }

  /** @param options.isComplete The run has ended, and a later one starts a new journal. */
  async close({ isComplete }: { isComplete: boolean }): Promise<void> {
    await this.serial(() => this.file.close());
    if (isComplete) await rm(this.path, { force: true });
    this.unlock();
  }

  private append(one: z.infer<typeof entry>): Promise<void> {
    return this.serial(async () => {
      const line = Buffer.from(`${JSON.stringify(one)}\n`);
      await writeAt(this.file, line, this.position);
      this.position += line.length;
    });
  }
}

function newHeader(startedAt: number, days: number): string {
  const until = startedAt + Math.floor(days * 86_400_000);
  const seed = randomBytes(16).toString("hex");
  return `${JSON.stringify({ version: 1, startedAt, until, seed } satisfies z.infer<typeof header>)}\n`;
}

/** A text without an incomplete last line, which a kill can leave. */
function completeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function parseJournal(text: string, path: string) {
  try {
    const [first = "", ...rest] = text.trimEnd().split("\n");
    const entries = rest.map((line) => entry.parse(JSON.parse(line)));
    return { ...header.parse(JSON.parse(first)), entries };
  } catch (error) {
    throw new OperatorError("failed", t`the journal ${path} is damaged`, {
      remedy: t`Remove it, and run this again. Offers that wait for a terminal, or that it has downloaded, are not repeated.`,
      cause: error,
    });
  }
}
