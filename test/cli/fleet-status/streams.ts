import fc from "fast-check";

export async function* streamOf<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

export const collect = <T>(items: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(items);

/** Up to 40 entries, many of which have the same ID. */
export const keyedEntries = fc.array(fc.record({ id: fc.stringMatching(/^[a-c-]{1,3}$/), value: fc.nat() }), {
  maxLength: 40,
});

/** The order of UTF-16 code units, without a locale. */
export const compareIds = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
