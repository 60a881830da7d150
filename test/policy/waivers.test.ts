import { expect, test, vi } from "vitest";
import { stackWaiverReview } from "../../policies/rules/stack/stack-waiver-review.ts";
import { expiredWaivers, waivers } from "../../policies/waivers.ts";
import { declareFleet } from "./fleet.ts";
import { withImportAccount } from "./rules/import-account.cases.ts";

const dayMs = 86_400_000;

test("every waiver names rules, declared resources, a reason, an owner and a day within two years", async () => {
  const names = new Set(withImportAccount(await declareFleet()).map(({ name }) => name));
  for (const { rules, references = [], resources, reason, owner, until } of waivers) {
    expect([...rules, ...references].length).toBeGreaterThan(0);
    expect(owner).toMatch(/^[a-z][a-z-]+$/);
    expect(reason).toMatch(/^[A-Z].{30,}\.$/s);
    expect(new Date(until).toISOString().slice(0, 10)).toBe(until);
    expect(new Date(until).getTime()).toBeLessThan(Date.now() + 2 * 365 * dayMs);
    expect(resources.filter((resource) => !names.has(resource))).toEqual([]);
  }
});

test("no rule is waived twice for the same resource", () => {
  const pairs = waivers.flatMap(({ rules, references = [], resources }) =>
    [...rules, ...references].flatMap((id) => resources.map((resource) => `${id} ${resource}`)),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
});

test("a waiver is valid until the end of its day, and expired from the next day", () => {
  const { until } = waivers[0]!;
  const dayAfter = new Date(new Date(`${until}T00:00:00Z`).getTime() + dayMs);
  expect(expiredWaivers(new Date(`${until}T12:00:00Z`))).not.toContain(waivers[0]);
  expect(expiredWaivers(dayAfter)).toContain(waivers[0]);
});

test("the pack reports each resource with an expired waiver, and refuses nothing", () => {
  const iotHub = {
    type: "azure-native:iothub:IotHubResource",
    name: "terminals-hub",
    urn: "urn",
    properties: {},
    outputs: {},
    options: { protect: false, ignoreChanges: [], aliases: [] },
    provider: undefined,
    isExcluded: false,
    dependenciesOf: () => [],
  };
  const component = { ...iotHub, type: "terminal-fleet:components:TerminalHub" };
  vi.useFakeTimers({ now: new Date("2100-01-01") });
  const violations = stackWaiverReview.checkStack([iotHub, component], () => new Map());
  vi.useRealTimers();
  expect(stackWaiverReview.isAdvisory).toBe(true);
  expect(violations.length).toBe(
    waivers.filter(({ resources }) => resources.includes("terminals-hub")).length,
  );
  expect(new Set(violations.map(({ resource }) => resource))).toEqual(new Set([iotHub]));
});
