import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assessTerminal,
  type Drift,
  driftDescriptions,
  type TerminalRecords,
} from "../../../cli/fleet-status/drift.ts";
import { sortById } from "../../../cli/fleet-status/external-sort.ts";
import { mapInOrder, mergeJoin } from "../../../cli/fleet-status/merge-join.ts";
import type { FlowEntry, HubEntry } from "../../../cli/fleet-status/sources.ts";

async function* from<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

const all = <T>(items: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(items);

const entries = fc.array(fc.record({ id: fc.stringMatching(/^[a-c-]{1,3}$/), value: fc.nat() }), {
  maxLength: 40,
});
const ofOrdinals = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("terminals-status-"));

describe("sorting by id", () => {
  test("gives what sorting in memory gives, whatever the size of a run, and leaves no file", async () => {
    const before = leftovers();
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 50 }), async (some, runSize) => {
        expect(await all(sortById(from(some), runSize))).toEqual(some.toSorted(ofOrdinals));
      }),
      { numRuns: 60 },
    );
    expect(leftovers()).toEqual(before);
  });

  test("keeps texts as they are, with whatever ends a line elsewhere", async () => {
    const some = ["c", "a", "b"].map((id) => ({ id, reason: "lost\u2028found\u2029\u0085\r\n" }));
    expect(await all(sortById(from(some), 1))).toEqual(some.toSorted(ofOrdinals));
  });

  test("leaves no file when it is given up, or its source fails", async () => {
    const before = leftovers();
    const some = Array.from({ length: 50 }, (_, n) => ({ id: String(n) }));
    for await (const { id } of sortById(from(some), 7)) if (id === "3") break;
    const failing = (async function* () {
      yield* some;
      throw new Error("away");
    })();
    await expect(all(sortById(failing, 7))).rejects.toThrow("away");
    expect(leftovers()).toEqual(before);
  });
});

describe("joining", () => {
  test("brings all entries of an id together, the ids in order, each once", async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, entries, async (a, b, c) => {
        const sorted = { a: a.toSorted(ofOrdinals), b: b.toSorted(ofOrdinals), c: c.toSorted(ofOrdinals) };
        const found = await all(mergeJoin({ a: from(sorted.a), b: from(sorted.b), c: from(sorted.c) }));
        const ids = [...new Set([...a, ...b, ...c].map(({ id }) => id))].sort();
        expect(found).toEqual(
          ids.map((id) => ({
            id,
            a: sorted.a.filter((one) => one.id === id),
            b: sorted.b.filter((one) => one.id === id),
            c: sorted.c.filter((one) => one.id === id),
          })),
        );
      }),
    );
  });

  test("fails as its source fails", async () => {
    const failing = (async function* (): AsyncGenerator<{ id: string }> {
      yield { id: "a" };
      throw new Error("away");
    })();
    await expect(all(mergeJoin({ a: failing, b: from([{ id: "a" }, { id: "b" }]) }))).rejects.toThrow("away");
  });
});

test("several at a time come out in their order, and never more than that are under way", async () => {
  let under = 0;
  let most = 0;
  const work = async (n: number) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5));
    under--;
    return n * 2;
  };
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  expect(await all(mapInOrder(from(numbers), 6, work))).toEqual(numbers.map((n) => n * 2));
  expect(most).toBeLessThanOrEqual(6);
  expect(most).toBeGreaterThan(1);
});

const hub: HubEntry = {
  id: "t-1",
  customer: "example",
  site: "Hall",
  enabled: true,
  connected: true,
  lastSeen: "2025-11-01T00:00:00Z",
  isRotating: false,
  waiting: 1,
  delivered: 0,
  failed: 0,
};
const disabled: HubEntry = { ...hub, enabled: false, connected: false, reason: "stolen" };
const flow: FlowEntry = {
  id: "t-1",
  customer: "example",
  site: "Hall",
  active: true,
  keyCreatedAt: "2025-10-01T00:00:00.000Z",
  currentKeySha256: "current",
  previousKeySha256: "previous",
};
const revokedRow: FlowEntry = { ...flow, active: false };
const journal = { id: "t-1", customer: "example", site: "Hall", flowKeySha256: "current" };
const whole: TerminalRecords = {
  id: "t-1",
  hub: [hub],
  flow: [flow],
  container: [{ id: "t-1" }],
  journal: [],
};

describe("judging a terminal", () => {
  test.each<[string, Partial<TerminalRecords>, { policy?: boolean }, Drift[]]>([
    ["as onboarded", {}, {}, []],
    ["as onboarded, seen closely", {}, { policy: true }, []],
    ["as onboarded, and in its journal", { journal: [journal] }, {}, []],
    ["with a rotated key", { journal: [{ ...journal, flowKeySha256: "previous" }] }, {}, []],
    ["as revoked", { hub: [disabled], flow: [revokedRow] }, { policy: false }, []],
    ["revoked at the hub alone", { hub: [disabled] }, {}, ["flowStillOpen"]],
    ["revoked at the Flow API alone", { flow: [revokedRow] }, {}, ["hubStillOpen"]],
    [
      "revoked, its files open",
      { hub: [disabled], flow: [revokedRow] },
      { policy: true },
      ["filesStillOpen"],
    ],
    ["without an identity", { hub: [] }, {}, ["noIdentity"]],
    ["without a Flow row", { flow: [] }, {}, ["noFlowRow"]],
    ["revoked, without a Flow row", { hub: [disabled], flow: [] }, {}, []],
    ["without a container", { container: [] }, {}, ["noContainer"]],
    ["a container alone", { hub: [], flow: [] }, {}, ["containerOnly"]],
    ["without its policy", {}, { policy: false }, ["noPolicy"]],
    ["of two customers", { flow: [{ ...flow, customer: "other" }] }, {}, ["otherCustomer"]],
    ["at two sites", { flow: [{ ...flow, site: "Pool" }] }, {}, ["otherSite"]],
    ["with two rows", { flow: [{ ...flow, customer: "another" }, flow] }, {}, ["twoFlowRows"]],
    ["handed over only", { hub: [hub], flow: [], journal: [journal] }, {}, ["noFlowRow", "notOnboarded"]],
    ["with another key", { journal: [{ ...journal, flowKeySha256: "older" }] }, {}, ["otherFlowKey"]],
    ["with a newer hand-over", { journal: [{ ...journal, flowKeySha256: "older" }, journal] }, {}, []],
  ])("%s", (_what, change, looked, expected) => {
    const found = assessTerminal({ ...whole, ...change }, looked);
    expect(found.drift).toEqual(expected);
    for (const name of found.drift) expect(driftDescriptions[name]).toBeTruthy();
  });

  test.each([
    [{}, "connected"],
    [{ connected: false }, "offline"],
    [{ connected: false, lastSeen: undefined }, "never-seen"],
    [{ enabled: false }, "revoked"],
  ] as const)("the hub's %o is %s", (change, state) => {
    expect(assessTerminal({ ...whole, hub: [{ ...hub, ...change }] }).state).toBe(state);
  });

  test("tells of its place, its files, and its older key", () => {
    const renewed = { ...hub, keysRenewedAt: "2025-10-20T00:00:00.000Z" };
    expect(assessTerminal({ ...whole, hub: [renewed] })).toEqual({
      terminal: "t-1",
      customer: "example",
      site: "Hall",
      state: "connected",
      lastSeen: "2025-11-01T00:00:00Z",
      keysFrom: "2025-10-01T00:00:00.000Z",
      files: { waiting: 1, delivered: 0, failed: 0 },
      drift: [],
    });
    const newerFlow = { ...flow, keyCreatedAt: "2025-10-25T00:00:00.000Z" };
    expect(assessTerminal({ ...whole, hub: [renewed], flow: [newerFlow] }).keysFrom).toBe(
      renewed.keysRenewedAt,
    );
    expect(assessTerminal({ ...whole, hub: [disabled] })).toMatchObject({
      state: "revoked",
      reason: "stolen",
    });
  });
});
