import type { KeyedEntry } from "./external-sort.ts";

/** The entries that the sources have for one ID: none, one or several each. */
export type Joined<S extends Record<string, KeyedEntry>> = { id: string } & { [K in keyof S]: S[K][] };

/** Joins sources that are sorted by ID while they are read. Memory holds the entries of one ID at a time. */
export async function* mergeJoin<S extends Record<string, KeyedEntry>>(
  sources: {
    [K in keyof S]: AsyncIterable<S[K]>;
  },
): AsyncGenerator<Joined<S>> {
  const names = Object.keys(sources) as (keyof S & string)[];
  const streams = names.map((name) => sources[name][Symbol.asyncIterator]());
  try {
    // Reads and sorts all sources concurrently: a source is sorted before its first entry arrives.
    const heads = await Promise.all(streams.map((stream) => stream.next()));
    for (;;) {
      const ids = heads.flatMap((head) => (head.done ? [] : [head.value.id]));
      if (ids.length === 0) return;
      const id = ids.reduce((least, one) => (one < least ? one : least));
      const joined: Record<string, unknown> = { id };
      for (const [index, name] of names.entries()) {
        const entries: KeyedEntry[] = [];
        for (let head = heads[index]; head && !head.done && head.value.id === id; head = heads[index]) {
          entries.push(head.value);
          heads[index] = await (streams[index] as (typeof streams)[number]).next();
        }
        joined[name] = entries;
      }
      yield joined as Joined<S>;
    }
  } finally {
    // A source that was not read to its end may have temporary files to remove.
    await Promise.all(streams.map((stream) => stream.return?.()));
  }
}

/** Maps items with up to `concurrency` calls of `work` at a time, and yields the results in the items' order. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // Its rejection is handled when it is awaited below.
    result.catch(() => {});
    running.push(result);
    if (running.length >= concurrency) yield await (running.shift() as Promise<R>);
  }
  for (const result of running) yield await result;
}
