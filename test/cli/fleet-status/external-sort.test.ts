import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sortById } from "../../../cli/fleet-status/external-sort.ts";
import { collect, compareIds, keyedEntries, streamOf } from "./streams.ts";

const temporaryFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("terminals-status-"));

describe("sortById", () => {
  test("yields what sorting in memory yields, whatever the run size, and leaves no file", async () => {
    const before = temporaryFolders();
    await fc.assert(
      fc.asyncProperty(keyedEntries, fc.integer({ min: 1, max: 50 }), async (entries, runSize) => {
        expect(await collect(sortById(streamOf(entries), runSize))).toEqual(entries.toSorted(compareIds));
      }),
      { numRuns: 60 },
    );
    expect(temporaryFolders()).toEqual(before);
  });

  test("keeps texts that contain Unicode line separators", async () => {
    const entries = ["c", "a", "b"].map((id) => ({ id, reason: "lost\u2028found\u2029\u0085\r\n" }));
    expect(await collect(sortById(streamOf(entries), 1))).toEqual(entries.toSorted(compareIds));
  });

  test("leaves no file when its reader stops early or its source fails", async () => {
    const before = temporaryFolders();
    const entries = Array.from({ length: 50 }, (_, n) => ({ id: String(n) }));
    for await (const { id } of sortById(streamOf(entries), 7)) if (id === "3") break;
    const failing = (async function* () {
      yield* entries;
      throw new Error("away");
    })();
    await expect(collect(sortById(failing, 7))).rejects.toThrow("away");
    expect(temporaryFolders()).toEqual(before);
  });
});
