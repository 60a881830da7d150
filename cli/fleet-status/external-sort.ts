import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Something about one terminal, or what goes by such a name. */
export interface KeyedEntry {
  id: string;
}

/** Entries that are sorted in memory; of more, sorted runs go to files. A fleet of this size needs none. */
const defaultRunSize = 50_000;

/**
 * Sorts entries by id, keeping the order of those that have the same. Memory does not grow with their number: more than
 * `runSize` of them are sorted in runs, which lie in a temporary folder until they have been read. No service promises
 * the order that a merge needs for all of its answers: a hub's query promises none.
 */
export async function* sortById<T extends KeyedEntry>(
  entries: AsyncIterable<T>,
  runSize = defaultRunSize,
): AsyncGenerator<T> {
  let run: T[] = [];
  let runs: Runs<T> | undefined;
  try {
    for await (const entry of entries) {
      run.push(entry);
      if (run.length < runSize) continue;
      runs ??= await Runs.make();
      await runs.add(run.sort(byId));
      run = [];
    }
    run.sort(byId);
    if (runs) yield* runs.merged(run);
    else yield* run;
  } finally {
    await runs?.remove();
  }
}

const byId = (a: KeyedEntry, b: KeyedEntry) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Sorted runs in files, one entry a line. */
class Runs<T extends KeyedEntry> {
  private readonly folder: string;
  private readonly files: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make<T extends KeyedEntry>(): Promise<Runs<T>> {
    return new Runs<T>(await mkdtemp(join(tmpdir(), "terminals-status-")));
  }

  async add(run: T[]): Promise<void> {
    const path = join(this.folder, String(this.files.length));
    await using file = await open(path, "w", 0o600);
    let lines: string[] = [];
    for (const entry of run) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (lines.length < 1000) continue;
      await file.writeFile(lines.join(""));
      lines = [];
    }
    await file.writeFile(lines.join(""));
    this.files.push(path);
  }

  /** All runs as one, with a last one that is in memory. */
  async *merged(last: T[]): AsyncGenerator<T> {
    const streams: AsyncIterator<T>[] = this.files.map((file) => read<T>(file));
    streams.push(fromMemory(last));
    const heads = await Promise.all(streams.map((stream) => stream.next()));
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done) continue;
        const before = heads[least];
        if (!before || before.done || byId(head.value, before.value) < 0) least = index;
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

/** A line ends with a line feed and nothing else: in a JSON text, U+2028 is a character like any other. */
async function* read<T>(path: string): AsyncGenerator<T> {
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
