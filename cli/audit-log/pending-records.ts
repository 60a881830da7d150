import { randomUUID } from "node:crypto";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import { createFoldersDurably, replaceFileDurably } from "../lib/fsync.ts";
import { type ChangeRecord, changeRecord } from "./record.ts";

/** Where records wait for an audit log, by the log's address: below the user's own data folder. */
export function pendingFolder(containerUrl: string): string {
  return join(
    envPaths("terminal-fleet", { suffix: "" }).data,
    "audit-pending",
    new URL(containerUrl).hostname,
  );
}

/** Before it is that old, a file without its whole content is one that another run is writing. */
const writtenAfterMs = 60_000;

/** Records that are kept. */
export interface StoredRecords {
  /** Removes them: they are in the log. */
  remove(): Promise<void>;
}

/**
 * Records that could not be written to the audit log, kept on this computer until a later run adds them. They hold no
 * secret; only their owner can read them.
 */
export class PendingRecords {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Keeps records; when it resolves they survive a power cut. */
  async store(records: ChangeRecord[]): Promise<StoredRecords> {
    await createFoldersDurably(this.folder);
    // Names sort by age, so that records are added in the order in which they were made.
    const path = join(this.folder, `${new Date().toISOString().replaceAll(":", "-")}.${randomUUID()}`);
    const file = await open(`${path}.partial`, "w", 0o600);
    try {
      const lines = records.map((record) => `${JSON.stringify({ ...record, late: true })}\n`);
      await file.writeFile(lines.join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await replaceFileDurably(`${path}.partial`, `${path}.jsonl`).catch((error: NodeJS.ErrnoException) => {
      // Another run has added it meanwhile, whole as it was.
      if (error.code !== "ENOENT") throw error;
    });
    return { remove: () => rm(`${path}.jsonl`, { force: true }) };
  }

  /**
   * The records that wait, by file, the oldest first; also those that a kill left whole before their file had its name.
   * @returns For each file its records, or undefined when it is damaged, and what removes it.
   */
  async *readAll(): AsyncGenerator<StoredRecords & { path: string; records: ChangeRecord[] | undefined }> {
    for (const name of await this.names()) {
      const path = join(this.folder, name);
      const text = await readFile(path, "utf8").catch(() => undefined);
      // Another run has added it meanwhile.
      if (text === undefined) continue;
      const records = parse(text);
      if (!records && name.endsWith(".partial") && (await isYoung(path))) continue;
      yield { path, records, remove: () => rm(path, { force: true }) };
    }
  }

  private async names(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => /\.(jsonl|partial)$/.test(name)).sort();
  }
}

async function isYoung(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs < writtenAfterMs;
}

function parse(text: string): ChangeRecord[] | undefined {
  if (!text.endsWith("\n")) return undefined;
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => changeRecord.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
