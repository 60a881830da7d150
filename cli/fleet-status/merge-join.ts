import type { KeyedEntry } from "./external-sort.ts";

/** What the sources have under one id: nothing, one, or several entries each. */
export type Joined<S extends Record<string, KeyedEntry>> = { id: string } & { [K in keyof S]: S[K][] };

/** Joins sources that are sorted by id, as they are read; memory holds one id at a time. */
export async function* mergeJoin<S extends Record<string, KeyedEntry>>(
  sources: {
    [K in keyof S]: AsyncIterable<S[K]>;
  },
): AsyncGenerator<Joined<S>> {
  const names = Object.keys(sources) as (keyof S & string)[];
  const streams = names.map((name) => sources[name][Symbol.asyncIterator]());
  try {
    // Each source is read and sorted before its first entry comes: that goes on at the same time.
    const heads = await Promise.all(streams.map((stream) => stream.next()));
    for (;;) {
      const ids = heads.flatMap((head) => (head.done ? [] : [head.value.id]));
      if (ids.length === 0) return;
      const id = ids.reduce((least, one) => (one < least ? one : least));
      const found: Record<string, unknown> = { id };
      for (const [index, name] of names.entries()) {
        const entries: KeyedEntry[] = [];
        for (let head = heads[index]; head && !head.done && head.value.id === id; head = heads[index]) {
          entries.push(head.value);
          heads[index] = await (streams[index] as (typeof streams)[number]).next();
        }
        found[name] = entries;
      }
      yield found as Joined<S>;
    }
  } finally {
    // A source that was not read to its end may have files to remove.
    await Promise.all(streams.map((stream) => stream.return?.()));
  }
}

/** Does `work` for several items at a time, and yields what comes of it in their order. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const under: Promise<R>[] = [];
  for await (const item of items) {
    const one = work(item);
    one.catch(() => {});
    under.push(one);
    if (under.length >= atOnce) yield await (under.shift() as Promise<R>);
  }
  for (const one of under) yield await one;
}
