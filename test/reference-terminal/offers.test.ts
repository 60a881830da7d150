import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mergeTwin, type TwinDocument } from "@terminal-fleet/sandbox/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Acknowledgement, newOfferId, type Offer } from "../../cli/file-exchange/offers/offer.ts";
import { Handled } from "../../reference-terminal/processed-offers.ts";
import { partialPath, putInPlace, receivedPath } from "../../reference-terminal/receive.ts";
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

describe("reconciling", () => {
  test("whatever gets lost or comes twice, each offer is handled once, and the twin ends empty", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const twin: TwinSections = { desired: { files: {} }, reported: {} };
        const memory = new Map<string, Acknowledgement>();
        let open = new Map<string, Offer>();
        const handled: string[] = [];
        const made: string[] = [];
        const withdrawn = new Set<string>();
        const change = (section: "desired" | "reported", files: object) => {
          twin[section] = mergeTwin(twin[section] as TwinDocument, { files });
        };
        const see = (reportIsLost: boolean) => {
          const seen = reconcile(twin, (id) => memory.get(id), 0);
          open = seen.open;
          if (!reportIsLost) change("reported", seen.report);
        };
        const work = () => {
          for (const id of open.keys()) {
            if (memory.has(id)) continue;
            handled.push(id);
            memory.set(id, done);
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
        // Then it is quiet for a while.
        see(false);
        work();
        see(false);
        expect(new Set(handled).size).toBe(handled.length);
        for (const id of made) if (!withdrawn.has(id)) expect(handled).toContain(id);
        tidy();
        see(false);
        expect(twin.desired.files).toEqual({});
        expect(Object.keys((twin.reported.files as object) ?? {})).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("what was reported already is not reported again", () => {
    const id = newOfferId(1);
    const twin = { desired: { files: { [id]: offered(1) } }, reported: { files: { [id]: done } } };
    expect(reconcile(twin, () => done, 0).report).toEqual({});
    expect(reconcile({ ...twin, reported: {} }, () => done, 0).report).toEqual({ [id]: done });
  });

  test("an offer that is not understood is said to be so, once", () => {
    const id = newOfferId(1);
    const twin = { desired: { files: { [id]: { direction: "sideways" } } }, reported: {} };
    const { open, report } = reconcile(twin, () => undefined, 0);
    expect(open.size).toBe(0);
    expect(report[id]).toMatchObject({ state: "failed", reason: "invalid" });
    expect(reconcile({ ...twin, reported: { files: report } }, () => undefined, 1).report).toEqual({});
  });
});

describe("what a terminal remembers", () => {
  const id = newOfferId(1);
  const validUntil = "2026-01-31T00:00:00.000Z";
  const entry = { said: done, validUntil, name: "employees.csv" };

  test("survives, and is forgotten when it is not offered any more and its time is over", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    await (await Handled.open(path)).put(id, { ...entry, arriving: false });
    const again = await Handled.open(path);
    expect(again.said(id)).toEqual(done);
    await again.forget(new Set([id]), Date.parse(validUntil) + 1);
    await again.forget(new Set(), Date.parse(validUntil) - 1);
    expect((await Handled.open(path)).said(id)).toEqual(done);
    await again.forget(new Set(), Date.parse(validUntil) + 1);
    expect((await Handled.open(path)).said(id)).toBeUndefined();
  });

  test("is put aside when it is damaged", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    writeFileSync(path, '{"half');
    expect((await Handled.open(path)).said(id)).toBeUndefined();
    expect(readFileSync(`${path}.damaged`, "utf8")).toBe('{"half');
  });

  test.each(["before", "after", "after it was taken away"])(
    "a crash %s a file was put in its place delivers it once",
    async (when) => {
      await using folder = await temporaryFolder();
      mkdirSync(folder.path, { recursive: true });
      const handled = await Handled.open(folder.file("handled.json"));
      await handled.put(id, { ...entry, arriving: true });
      if (when === "before") writeFileSync(partialPath(folder.path, id), "content");
      else if (when === "after") {
        mkdirSync(join(folder.path, "received", id), { recursive: true });
        writeFileSync(receivedPath(folder.path, id, entry.name), "content");
      }
      expect(handled.said(id)).toBeUndefined();
      const [arriving] = (await Handled.open(folder.file("handled.json"))).arriving();
      expect(arriving).toEqual([id, { ...entry, arriving: true }]);
      await putInPlace(folder.path, id, entry.name);
      const there = readdirSync(join(folder.path, "received", id));
      expect(there).toEqual(when === "after it was taken away" ? [] : ["employees.csv"]);
    },
  );
});
