import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An entry of a source, with the ID that sources are sorted and joined by. */
export interface KeyedEntry {
  id: string;
}

/** Number of entries that are sorted in memory. A larger source is sorted in runs, which are temporary files. */
const defaultRunSize = 50_000;

/**
 * Sorts entries by ID and keeps the order of entries with the same ID (external merge sort). Memory does not grow
 * with the number of entries: beyond `runSize`, sorted runs are written to a temporary folder, which is removed at
 * the end. The sort is needed because no service guarantees the order of its answers; an IoT Hub query has none.
 */
export async function* sortById<T extends KeyedEntry>(
  entries: AsyncIterable<T>,
  runSize = defaultRunSize,
): AsyncGenerator<T> {
  let run: T[] = [];
  let files: RunFiles<T> | undefined;
  try {
    for await (const entry of entries) {
      run.push(entry);
      if (run.length < runSize) continue;
      files ??= await RunFiles.create();
      await files.write(run.sort(byId));
      run = [];
    }
    run.sort(byId);
    if (files) yield* files.mergeWith(run);
    else yield* run;
  } finally {
    await files?.remove();
  }
}

const byId = (a: KeyedEntry, b: KeyedEntry) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Sorted runs in temporary files, with one JSON entry a line. */
class RunFiles<T extends KeyedEntry> {
  private readonly folder: string;
  private readonly paths: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create<T extends KeyedEntry>(): Promise<RunFiles<T>> {
    return new RunFiles<T>(await mkdtemp(join(tmpdir(), "terminals-status-")));
  }

  async write(run: T[]): Promise<void> {
    const path = join(this.folder, String(this.paths.length));
    await using file = await open(path, "w", 0o600);
    let lines: string[] = [];
    for (const entry of run) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (lines.length < 1000) continue;
      await file.writeFile(lines.join(""));
      lines = [];
    }
    await file.writeFile(lines.join(""));
    this.paths.push(path);
  }

  /** Merges all runs with a last one that is in memory. */
  async *mergeWith(lastRun: T[]): AsyncGenerator<T> {
    const streams: AsyncIterator<T>[] = this.paths.map((path) => readRun<T>(path));
    streams.push(fromMemory(lastRun));
    const heads = await Promise.all(streams.map((stream) => stream.next()));
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done) continue;
        const leastHead = heads[least];
        if (!leastHead || leastHead.done || byId(head.value, leastHead.value) < 0) least = index;
      }
      const head = heads[least];
      if (!head || head.done) return;
      yield head.value;
      heads[least] = await (streams[least] as AsyncIterator<T>).next();
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Splits at line feeds only. JSON does not escape U+2028, which other line readers treat as a line break. */
async function* readRun<T>(path: string): AsyncGenerator<T> {
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

async function* fromMemory<T>(entries: T[]): AsyncGenerator<T> {
  yield* entries;
}
