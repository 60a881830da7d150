import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mergeTwin, type TwinDocument } from "@terminal-fleet/sandbox/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Acknowledgement, newOfferId, type Offer } from "../../cli/file-exchange/offers/offer.ts";
import { ProcessedOffers } from "../../reference-terminal/processed-offers.ts";
import { moveToReceived, partialPath, receivedPath } from "../../reference-terminal/receive.ts";
import { reconcile, type TwinSections } from "../../reference-terminal/reconcile.ts";
import { temporaryFolder } from "../support/folder.ts";

const digest = Buffer.alloc(32, 7).toString("base64");
const offered = (validUntil: number): Offer => ({
  direction: "download",
  name: "employees.csv",
  url: "https://example.blob.core.windows.net/example-001/to-terminal/0/employees.csv?sig=x",
  size: 12,
  sha256: digest,
  validUntil: new Date(validUntil).toISOString(),
});
const done: Acknowledgement = { state: "done", sha256: digest, size: 12, at: "2026-01-01T00:00:00.000Z" };

/** What can happen to a terminal and its twin, in any order. */
const happening = fc.oneof(
  fc.record({ what: fc.constant("offer" as const) }),
  fc.record({ what: fc.constant("tidy" as const) }),
  fc.record({ what: fc.constant("withdraw" as const), which: fc.nat(10) }),
  fc.record({ what: fc.constant("see" as const), reportIsLost: fc.boolean() }),
  fc.record({ what: fc.constant("work" as const) }),
  fc.record({ what: fc.constant("junk" as const), key: fc.string({ maxLength: 25 }), value: fc.jsonValue() }),
);

describe("reconcile", () => {
  test("processes each offer once and empties the twin, whichever reports are lost or repeated", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const twin: TwinSections = { desired: { files: {} }, reported: {} };
        const record = new Map<string, Acknowledgement>();
        let pending = new Map<string, Offer>();
        const processed: string[] = [];
        const made: string[] = [];
        const withdrawn = new Set<string>();
        const change = (section: "desired" | "reported", files: object) => {
          twin[section] = mergeTwin(twin[section] as TwinDocument, { files });
        };
        const see = (reportIsLost: boolean) => {
          const seen = reconcile(twin, (id) => record.get(id), 0);
          pending = seen.pending;
          if (!reportIsLost) change("reported", seen.report);
        };
        const work = () => {
          for (const id of pending.keys()) {
            if (record.has(id)) continue;
            processed.push(id);
            record.set(id, done);
          }
        };
        const tidy = () => {
          const heard = Object.keys((twin.reported.files as object) ?? {});
          const there = Object.keys(twin.desired.files as object);
          change(
            "desired",
            Object.fromEntries(there.filter((id) => heard.includes(id)).map((id) => [id, null])),
          );
        };
        for (const one of happenings) {
          if (one.what === "offer") {
            const id = newOfferId(made.length);
            made.push(id);
            change("desired", { [id]: offered(1) });
          } else if (one.what === "withdraw" && made[one.which]) {
            change("desired", { [made[one.which] as string]: null });
            withdrawn.add(made[one.which] as string);
          } else if (one.what === "tidy") tidy();
          else if (one.what === "see") see(one.reportIsLost);
          else if (one.what === "work") work();
          else if (one.what === "junk" && !one.key.startsWith("__") && one.value !== null) {
            change("desired", { [one.key]: one.value });
          }
        }
        // Then nothing is lost.
        see(false);
        work();
        see(false);
        expect(new Set(processed).size).toBe(processed.length);
        for (const id of made) if (!withdrawn.has(id)) expect(processed).toContain(id);
        tidy();
        see(false);
        expect(twin.desired.files).toEqual({});
        expect(Object.keys((twin.reported.files as object) ?? {})).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("reports only acknowledgements that the twin does not have", () => {
    const id = newOfferId(1);
    const twin = { desired: { files: { [id]: offered(1) } }, reported: { files: { [id]: done } } };
    expect(reconcile(twin, () => done, 0).report).toEqual({});
    expect(reconcile({ ...twin, reported: {} }, () => done, 0).report).toEqual({ [id]: done });
  });

  test("reports an offer that cannot be parsed as invalid, once", () => {
    const id = newOfferId(1);
    const twin = { desired: { files: { [id]: { direction: "sideways" } } }, reported: {} };
    const { pending, report } = reconcile(twin, () => undefined, 0);
    expect(pending.size).toBe(0);
    expect(report[id]).toMatchObject({ state: "failed", reason: "invalid" });
    expect(reconcile({ ...twin, reported: { files: report } }, () => undefined, 1).report).toEqual({});
  });
});

describe("the record of processed offers", () => {
  const id = newOfferId(1);
  const validUntil = "2026-01-31T00:00:00.000Z";
  const entry = { said: done, validUntil, name: "employees.csv" };

  test("keeps an offer until it has expired and is no longer in the twin", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    await (await ProcessedOffers.open(path)).record(id, { ...entry, arriving: false });
    const again = await ProcessedOffers.open(path);
    expect(again.acknowledgementOf(id)).toEqual(done);
    await again.removeExpired(new Set([id]), Date.parse(validUntil) + 1);
    await again.removeExpired(new Set(), Date.parse(validUntil) - 1);
    expect((await ProcessedOffers.open(path)).acknowledgementOf(id)).toEqual(done);
    await again.removeExpired(new Set(), Date.parse(validUntil) + 1);
    expect((await ProcessedOffers.open(path)).acknowledgementOf(id)).toBeUndefined();
  });

  test("starts empty when its file is damaged, and keeps the damaged file", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    writeFileSync(path, '{"half');
    expect((await ProcessedOffers.open(path)).acknowledgementOf(id)).toBeUndefined();
    expect(readFileSync(`${path}.damaged`, "utf8")).toBe('{"half');
  });

  test.each(["before", "after", "after the application has removed the file, and"])(
    "a crash %s a download is moved to its final path leaves one copy",
    async (when) => {
      await using folder = await temporaryFolder();
      mkdirSync(folder.path, { recursive: true });
      const processed = await ProcessedOffers.open(folder.file("handled.json"));
      await processed.record(id, { ...entry, arriving: true });
      if (when === "before") writeFileSync(partialPath(folder.path, id), "content");
      else if (when === "after") {
        mkdirSync(join(folder.path, "received", id), { recursive: true });
        writeFileSync(receivedPath(folder.path, id, entry.name), "content");
      }
      expect(processed.acknowledgementOf(id)).toBeUndefined();
      const [arriving] = (await ProcessedOffers.open(folder.file("handled.json"))).listArriving();
      expect(arriving).toEqual([id, { ...entry, arriving: true }]);
      await moveToReceived(folder.path, id, entry.name);
      const there = readdirSync(join(folder.path, "received", id));
      expect(there).toEqual(when.startsWith("after the application") ? [] : ["employees.csv"]);
    },
  );
});
