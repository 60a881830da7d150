import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import { type ChangeRecord, changeRecord } from "./record.ts";

/** Where records wait for an audit log, by the log's address: below the user's own data folder. */
export function pendingFolder(containerUrl: string): string {
  return join(
    envPaths("terminal-fleet", { suffix: "" }).data,
    "audit-pending",
    new URL(containerUrl).hostname,
  );
}

/**
 * Records that could not be written to the audit log, kept on this computer until a later run adds them. They hold no
 * secret; only their owner can read them.
 */
export class Pending {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Keeps records; when it resolves they survive a power cut. */
  async keep(records: ChangeRecord[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // Names sort by age, so that records are added in the order in which they were made.
    const path = join(this.folder, `${new Date().toISOString().replaceAll(":", "-")}.${randomUUID()}`);
    await using file = await open(`${path}.partial`, "w", 0o600);
    await file.writeFile(records.map((record) => `${JSON.stringify({ ...record, late: true })}\n`).join(""));
    await file.sync();
    await rename(`${path}.partial`, `${path}.jsonl`);
  }

  /**
   * The records that wait, by file, the oldest first.
   * @returns For each file its records, or undefined when it is damaged, and what removes it.
   */
  async *all(): AsyncGenerator<{
    path: string;
    records: ChangeRecord[] | undefined;
    remove(): Promise<void>;
  }> {
    for (const name of await this.names()) {
      const path = join(this.folder, name);
      const text = await readFile(path, "utf8").catch(() => undefined);
      // Another run has added it meanwhile.
      if (text === undefined) continue;
      yield { path, records: parse(text), remove: () => rm(path, { force: true }) };
    }
  }

  private async names(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(".jsonl")).sort();
  }
}

function parse(text: string): ChangeRecord[] | undefined {
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => changeRecord.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
