import { expect, test, vi } from "vitest";
import { waiverRules } from "../../policies/rules/waivers.ts";
import { expiredWaivers, waivers } from "../../policies/waivers.ts";
import { withImports } from "./cases/imports.ts";
import { fleet } from "./fleet.ts";

test("every waiver names rules, resources that exist, a reason and a real day", async () => {
  const names = new Set(withImports(await fleet()).map(({ name }) => name));
  for (const { ids, resources, reason, expires } of waivers) {
    expect(ids.length).toBeGreaterThan(0);
    expect(reason).toMatch(/^[A-Z].{30,}\.$/s);
    expect(new Date(expires).toISOString().slice(0, 10)).toBe(expires);
    // A review that is further away is none.
    expect(new Date(expires).getTime()).toBeLessThan(Date.now() + 2 * 365 * 86_400_000);
    expect(resources.filter((resource) => !names.has(resource))).toEqual([]);
  }
});

test("no rule is waived twice for the same resource", () => {
  const pairs = waivers.flatMap(({ ids, resources }) =>
    ids.flatMap((id) => resources.map((resource) => `${id} ${resource}`)),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
});

test("a waiver holds to the end of its day, and is brought up from then on", () => {
  const { expires } = waivers[0]!;
  const dayAfter = new Date(new Date(`${expires}T00:00:00Z`).getTime() + 86_400_000);
  expect(expiredWaivers(new Date(`${expires}T12:00:00Z`))).not.toContain(waivers[0]);
  expect(expiredWaivers(dayAfter)).toContain(waivers[0]);
});

test("the pack reminds of each resource whose waiver has ended, and stops nothing", () => {
  const [rule] = waiverRules;
  const hub = {
    type: "hub",
    name: "terminals-hub",
    urn: "urn",
    properties: {},
    isLeftOut: false,
    madeFrom: () => [],
  };
  const component = { ...hub, type: "terminal-fleet:components:TerminalHub" };
  vi.useFakeTimers({ now: new Date("2100-01-01") });
  const found = rule!.checkStack([hub, component], () => new Map());
  vi.useRealTimers();
  expect(rule!.advisory).toBe(true);
  expect(found.length).toBe(waivers.filter(({ resources }) => resources.includes("terminals-hub")).length);
  expect(new Set(found.map(({ resource }) => resource))).toEqual(new Set([hub]));
});
