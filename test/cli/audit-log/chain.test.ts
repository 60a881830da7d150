import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChainBreak,
  ChainVerifier,
  emptyChain,
  hashLine,
  linkRecord,
  parseLine,
} from "../../../cli/audit-log/chain.ts";
import { firstBlobName, nextBlobName } from "../../../cli/audit-log/log-blobs.ts";
import { type RecordContent, redact } from "../../../cli/audit-log/record.ts";

/** A log: each line with the name of its blob. */
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
/** Blobs of changes, each with one change at least. */
const blobsOfChanges = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});

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

/** Verifies a log; returns the first broken link and the index of its line. */
function findBreak(log: Log): { broken: ChainBreak; index: number } | undefined {
  const chain = new ChainVerifier();
  for (const [index, { blob, line }] of log.entries()) {
    const verified = chain.verifyNext(blob, line);
    if ("broken" in verified) return { broken: verified.broken, index };
  }
  return undefined;
}

/** A log and the index of one of its lines, but not of the last. */
const logAndIndex = blobsOfChanges.chain((blobs) => {
  const log = logOf(blobs);
  return fc.record({ log: fc.constant(log), index: fc.nat({ max: log.length - 2 }) });
});

describe("the hash chain", () => {
  test("is valid from its first record and from the start of any blob", () => {
    fc.assert(
      fc.property(blobsOfChanges, (blobs) => {
        const log = logOf(blobs);
        expect(findBreak(log)).toBeUndefined();
        const names = [...new Set(log.map(({ blob }) => blob))];
        expect(names).toEqual(names.toSorted());
        for (const name of names) {
          expect(findBreak(log.slice(log.findIndex(({ blob }) => blob === name)))).toBeUndefined();
        }
      }),
    );
  });

  test("is broken by an edit of any record but the last, at that record or the next one", () => {
    fc.assert(
      fc.property(logAndIndex, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ log, index }, at, xor) => {
        const { blob, line } = log[index] as Log[number];
        const bytes = Buffer.from(line);
        const where = at % bytes.length;
        bytes[where] = (bytes[where] as number) ^ xor;
        const edited = bytes.toString("latin1").includes("\n") ? "" : bytes;
        const chain = new ChainVerifier();
        let broken = -1;
        for (const [number, one] of log.entries()) {
          const verified = chain.verifyNext(
            number === index ? blob : one.blob,
            number === index ? edited : one.line,
          );
          if (!("broken" in verified)) continue;
          broken = number;
          break;
        }
        expect([index, index + 1]).toContain(broken);
      }),
    );
  });

  test("is broken by the removal of any records but the last ones", () => {
    fc.assert(
      fc.property(logAndIndex, fc.integer({ min: 1, max: 5 }), ({ log, index }, count) => {
        const left = [...log.slice(0, index), ...log.slice(index + count)];
        const lost = log.slice(index, index + count);
        // The removal of whole blobs at the start is no break: they are deleted after the retention time.
        const rest = log[index + count];
        fc.pre(rest !== undefined && !(index === 0 && rest.blob !== lost.at(-1)?.blob));
        const broken = findBreak(left);
        expect(broken?.index).toBe(index);
        if (rest.blob === lost[0]?.blob && index > 0)
          expect(broken?.broken.reason).toMatch(/sequence number|first/);
      }),
    );
  });

  test("is broken by the truncation of any blob but the last, where the next blob begins", () => {
    fc.assert(
      fc.property(logAndIndex, ({ log, index }) => {
        const cut = log[index] as Log[number];
        const last = log.at(-1) as Log[number];
        fc.pre(cut.blob !== last.blob);
        const left = log.filter(({ blob }, number) => number < index || blob !== cut.blob);
        const removesWholeBlob = index === 0;
        const broken = findBreak(left);
        if (removesWholeBlob) expect(broken).toBeUndefined();
        else expect(broken?.index).toBe(index);
      }),
    );
  });

  test("is broken by two records in exchanged order, and by a record that occurs twice", () => {
    fc.assert(
      fc.property(logAndIndex, fc.nat(), ({ log, index }, other) => {
        const second = index + 1 + (other % (log.length - index - 1));
        const swapped = log.map((one, number) => ({
          ...one,
          line: (number === index ? log[second] : number === second ? log[index] : one)?.line as string,
        }));
        expect(findBreak(swapped)?.index).toBe(index);
        const twice = [...log.slice(0, index + 1), log[index] as Log[number], ...log.slice(index + 1)];
        expect(findBreak(twice)?.index).toBe(index + 1);
      }),
    );
  });

  test("is broken by an inserted record, even one with the right number and hash", () => {
    fc.assert(
      fc.property(logAndIndex, change, ({ log, index }, inserted) => {
        const { blob, line } = log[index] as Log[number];
        const { sequence } = JSON.parse(line) as { sequence: number };
        const forged = linkRecord(inserted, { sequence, hash: hashLine(line) }).line;
        const broken = findBreak([
          ...log.slice(0, index + 1),
          { blob, line: forged },
          ...log.slice(index + 1),
        ]);
        expect([index + 1, index + 2]).toContain(broken?.index);
      }),
    );
  });
});

test("redact removes likely secrets and line breaks, and limits the length", () => {
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
    const redacted = redact(`lost, see ${secret}`);
    expect(redacted).toContain("[removed]");
    for (const part of secret.split(/[^A-Za-z0-9+/]+/).filter((word) => word.length > 20)) {
      expect(redacted).not.toContain(part);
    }
  }
  expect(redact("stolen\nfrom  the hall")).toBe("stolen from the hall");
  expect(redact("x".repeat(1000))).toHaveLength(200);
});

test("a line of the log has no character that acts on a terminal, and means the same", () => {
  const blob = "2025-11\u009b2J\u202e\u2028";
  const { line } = linkRecord({ stage: "opened", at: "2025-11-01T00:00:00.000Z", blob }, emptyChain);
  expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  expect(parseLine(line)).toMatchObject({ blob });
});
