import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import { createFoldersDurably, replaceFileDurably } from "../lib/fsync.ts";
import { printableJson } from "../lib/printable.ts";
import { type FileKind, readBounded } from "../lib/read-bounded.ts";
import { t } from "../words/translate.ts";
import { type ChangeRecord, changeRecord } from "./record.ts";

/** The folder of pending records for an audit log, in the user's data folder. */
export function pendingFolder(containerUrl: string): string {
  return join(
    envPaths("terminal-fleet", { suffix: "" }).data,
    "audit-pending",
    new URL(containerUrl).hostname,
  );
}

/** An incomplete file that is younger than this may still be written by another run. */
const writeTimeoutMs = 60_000;

/** The records of one change: 32 KB for each 500 terminals. */
const pendingFile: FileKind = {
  name: () => t`a file of pending audit records`,
  maxBytes: 256 * 1024 * 1024,
};

/** Records in a file on this computer. */
export interface StoredRecords {
  /** Removes the file, once its records are in the log. */
  remove(): Promise<void>;
}

/**
 * Records that could not be written to the audit log. They are stored on this computer until a later run adds them to
 * the log. They hold no secret, and only their owner can read them.
 */
export class PendingRecords {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Stores records in a file. When it resolves, they survive a power cut. */
  async store(records: ChangeRecord[]): Promise<StoredRecords> {
    await createFoldersDurably(this.folder);
    // File names sort by age, so that records are added to the log in the order of their creation.
    const path = join(this.folder, `${new Date().toISOString().replaceAll(":", "-")}.${randomUUID()}`);
    const file = await open(`${path}.partial`, "w", 0o600);
    try {
      const lines = records.map((record) => `${printableJson({ ...record, late: true })}\n`);
      await file.writeFile(lines.join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await replaceFileDurably(`${path}.partial`, `${path}.jsonl`).catch((error: NodeJS.ErrnoException) => {
      // Another run has added the complete .partial file to the log and removed it.
      if (error.code !== "ENOENT") throw error;
    });
    return { remove: () => rm(`${path}.jsonl`, { force: true }) };
  }

  /**
   * Reads all files, the oldest first, with complete .partial files that a kill left behind.
   * @returns For each file its records, or undefined when it is damaged, and a function that removes it.
   */
  async *readAll(): AsyncGenerator<StoredRecords & { path: string; records: ChangeRecord[] | undefined }> {
    for (const name of await this.listNames()) {
      const path = join(this.folder, name);
      const text = await readText(path);
      // Another run has added it to the log and removed it.
      if (text === undefined) continue;
      const records = parseRecords(text);
      if (!records && name.endsWith(".partial") && (await isBeingWritten(path))) continue;
      yield { path, records, remove: () => rm(path, { force: true }) };
    }
  }

  private async listNames(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => /\.(jsonl|partial)$/.test(name)).sort();
  }
}

/** The text of a file; undefined when it was removed, and empty when it cannot be one that the program has written. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readBounded(path, pendingFile)).toString("utf8");
  } catch {
    return existsSync(path) ? "" : undefined;
  }
}

async function isBeingWritten(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs < writeTimeoutMs;
}

function parseRecords(text: string): ChangeRecord[] | undefined {
  if (!text.endsWith("\n")) return undefined;
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => changeRecord.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
