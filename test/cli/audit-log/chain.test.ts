import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChainBreak,
  ChainVerifier,
  emptyChain,
  hashLine,
  linkRecord,
} from "../../../cli/audit-log/chain.ts";
import { firstBlobName, nextBlobName } from "../../../cli/audit-log/log-blobs.ts";
import { type RecordContent, redact } from "../../../cli/audit-log/record.ts";

/** A log as it lies in the container: each line with the blob that it is in. */
type Log = { blob: string; line: string }[];

const text = fc.string({ unit: "grapheme", maxLength: 30 });
const change = fc.record({ command: text, reason: text, customer: text }).map(
  (about): RecordContent => ({
    stage: "begin",
    at: "2025-11-01T12:00:00.000Z",
    id: randomUUID(),
    change: randomUUID(),
    who: { objectId: "00000000-0000-0000-0000-000000000001" },
    about,
  }),
);
/** Blobs of changes; each blob has one at least. */
const months = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

function logOf(blobs: RecordContent[][]): Log {
  const at = "2025-11-01T12:00:00.000Z";
  const log: Log = [];
  let head = emptyChain;
  let blob = firstBlobName("2025-11");
  const add = (content: RecordContent) => {
    const linked = linkRecord(content, head);
    log.push({ blob, line: linked.line });
    head = linked.head;
  };
  for (const [index, contents] of blobs.entries()) {
    add({ stage: "opened", at, blob });
    for (const content of contents) add(content);
    if (index === blobs.length - 1) break;
    const next = nextBlobName(blob, index % 2 === 0 ? "2025-12" : "2025-11");
    add({ stage: "closed", at, next });
    blob = next;
  }
  return log;
}

/** The first link that does not hold, with its place in the log. */
function check(log: Log): { broken: ChainBreak; index: number } | undefined {
  const chain = new ChainVerifier();
  for (const [index, { blob, line }] of log.entries()) {
    const taken = chain.verifyNext(blob, line);
    if ("broken" in taken) return { broken: taken.broken, index };
  }
  return undefined;
}

/** A log of some length and a place in it that is not the last. */
const place = months.chain((blobs) => {
  const log = logOf(blobs);
  return fc.record({ log: fc.constant(log), index: fc.nat({ max: log.length - 2 }) });
});

describe("a chain", () => {
  test("holds as it was written, from its beginning and from the beginning of any blob", () => {
    fc.assert(
      fc.property(months, (blobs) => {
        const log = logOf(blobs);
        expect(check(log)).toBeUndefined();
        const names = [...new Set(log.map(({ blob }) => blob))];
        expect(names).toEqual(names.toSorted());
        for (const name of names) {
          expect(check(log.slice(log.findIndex(({ blob }) => blob === name)))).toBeUndefined();
        }
      }),
    );
  });

  test("an edit of any record but the last is found, at that record or the one after it", () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ log, index }, at, xor) => {
        const { blob, line } = log[index] as Log[number];
        const bytes = Buffer.from(line);
        const where = at % bytes.length;
        bytes[where] = (bytes[where] as number) ^ xor;
        const edited = bytes.toString("latin1").includes("\n") ? "" : bytes;
        const chain = new ChainVerifier();
        let found = -1;
        for (const [number, one] of log.entries()) {
          const taken = chain.verifyNext(
            number === index ? blob : one.blob,
            number === index ? edited : one.line,
          );
          if (!("broken" in taken)) continue;
          found = number;
          break;
        }
        expect([index, index + 1]).toContain(found);
      }),
    );
  });

  test("a removal of any records but the last ones is found", () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 5 }), ({ log, index }, count) => {
        const left = [...log.slice(0, index), ...log.slice(index + count)];
        const lost = log.slice(index, index + count);
        // Taking the oldest blobs away as a whole is what happens when their time is over.
        const rest = log[index + count];
        fc.pre(rest !== undefined && !(index === 0 && rest.blob !== lost.at(-1)?.blob));
        const found = check(left);
        expect(found?.index).toBe(index);
        if (rest.blob === lost[0]?.blob && index > 0)
          expect(found?.broken.reason).toMatch(/has the number|first/);
      }),
    );
  });

  test("a truncation of any blob but the last is found where the next one begins", () => {
    fc.assert(
      fc.property(place, ({ log, index }) => {
        const cut = log[index] as Log[number];
        const last = log.at(-1) as Log[number];
        fc.pre(cut.blob !== last.blob);
        const left = log.filter(({ blob }, number) => number < index || blob !== cut.blob);
        const isWhole = index === 0;
        const found = check(left);
        if (isWhole) expect(found).toBeUndefined();
        else expect(found?.index).toBe(index);
      }),
    );
  });

  test("an exchange of two records, and a record that is there twice, are found", () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ log, index }, other) => {
        const second = index + 1 + (other % (log.length - index - 1));
        const swapped = log.map((one, number) => ({
          ...one,
          line: (number === index ? log[second] : number === second ? log[index] : one)?.line as string,
        }));
        expect(check(swapped)?.index).toBe(index);
        const twice = [...log.slice(0, index + 1), log[index] as Log[number], ...log.slice(index + 1)];
        expect(check(twice)?.index).toBe(index + 1);
      }),
    );
  });

  test("a record that was made up and put in between is found, also with the right number and hash", () => {
    fc.assert(
      fc.property(place, change, ({ log, index }, made) => {
        const { blob, line } = log[index] as Log[number];
        const { sequence } = JSON.parse(line) as { sequence: number };
        const forged = linkRecord(made, { sequence, hash: hashLine(line) }).line;
        const found = check([...log.slice(0, index + 1), { blob, line: forged }, ...log.slice(index + 1)]);
        expect([index + 1, index + 2]).toContain(found?.index);
      }),
    );
  });
});

test("what is written by people or services loses what looks like a secret, and is cut short", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  for (const secret of [
    key,
    Buffer.alloc(64, 7).toString("base64"),
    `https://a.blob.core.windows.net/c/b?sig=${encodeURIComponent(key)}&se=2025`,
    "AccountKey=abcdefgh",
    `eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.${"a".repeat(40)}`,
    "AGE-SECRET-KEY-1QQPQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    "0123456789abcdef0123456789abcdef",
  ]) {
    const told = redact(`lost, see ${secret}`);
    expect(told).toContain("[removed]");
    for (const part of secret.split(/[^A-Za-z0-9+/]+/).filter((word) => word.length > 20)) {
      expect(told).not.toContain(part);
    }
  }
  expect(redact("stolen\nfrom  the hall")).toBe("stolen from the hall");
  expect(redact("x".repeat(1000))).toHaveLength(200);
});
