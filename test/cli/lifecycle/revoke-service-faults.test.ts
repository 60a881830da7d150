import { afterAll, describe, expect, test, vi } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { connect } from "../../../cli/azure/fleet.ts";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import type { AccessPath, AccessPathResult } from "../../../cli/lifecycle/revocation/access-path.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import type { FaultRule } from "../../../sandbox/proxy/faults.ts";
import { waitFor } from "../../support/wait-for.ts";
import { addRows } from "../fleet-by-hand.ts";
import { deployFleet } from "../fleet-harness.ts";

vi.setConfig({ testTimeout: 120_000 });

const fleet = await deployFleet();
const witness = await fleet.connect();
afterAll(() => fleet[Symbol.asyncDispose]());

const customer = "example-customer";
const page = { "content-type": "text/html" };
const html = "<html><body>Access to this page is blocked.</body></html>";
/** How a service, or something between it and the operator, can fail. */
const faults = {
  away: { drop: "before" },
  slow: { delayMs: 90_000 },
  failing: { answer: { status: 503 } },
  throttled: { answer: { status: 429 } },
  "forbidden without a body": { answer: { status: 403 } },
  "forbidden by a page": { answer: { status: 403, headers: page, body: html } },
  "not found by a page": { answer: { status: 404, headers: page, body: html } },
  "not found without a body": { answer: { status: 404 } },
  "a page in place of an answer": { answer: { status: 200, headers: page, body: html } },
  "an empty object in place of an answer": {
    answer: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
  },
  "an unknown code": { answer: { status: 418 } },
  "a redirection": { answer: { status: 307, headers: { location: "https://elsewhere.example.com/" } } },
} satisfies Record<string, Pick<FaultRule, "drop" | "delayMs" | "answer">>;

/** For each service: its host, and the access paths that need it. */
const services: Record<string, { host: string; needs: AccessPath[] }> = {
  "the IoT Hub": { host: fleet.hosts.hub, needs: ["hub"] },
  storage: { host: fleet.hosts.files, needs: ["files"] },
  "the key table": { host: fleet.hosts.flowKeys, needs: ["flow"] },
  "the Resource Manager": { host: "management.azure.com", needs: ["files"] },
};

const closedStates = { hub: "disabled", files: false, flow: "revoked" };
const openStates = { hub: "enabled", files: true, flow: "active" };

async function makeTerminal(terminal: string): Promise<void> {
  const tags = { customer, site: "Hall" };
  await witness.registry.create([{ id: terminal, keys: mintDeviceKeys(), tags }]);
  await addRows(witness, [terminal], tags);
  await witness.files.ensureContainer(terminal);
}

async function statesOf(terminal: string) {
  return {
    hub: (await witness.registry.get(terminal))?.status,
    files: await witness.files.hasPolicy(terminal),
    flow: (await witness.flowKeys.get(customer, terminal))?.status,
  };
}

/** A connection of its own with a fault, which begins with the connection. */
async function connectThrough(rule: FaultRule) {
  const proxy = await fleet.startAnotherProxy();
  proxy.faults.add(rule);
  const retries = { firstMs: 50, longestMs: 2_000 };
  const network = { ...fleet.network, proxyUrl: proxy.url, retries };
  const operator: Fleet = await connect(fleet.outputs, signInWith(fleet.credential(undefined, network)), {
    network,
    isHubSizeOptional: true,
  });
  return { operator, close: () => proxy.close() };
}

const cases = Object.keys(services).flatMap((service) =>
  Object.keys(faults).map((fault) => [service, fault] as const),
);

describe("one failing service leaves the other access paths closed and reported", () => {
  test.concurrent.each(cases)("%s: %s", async (service, fault) => {
    const { host, needs } = services[service] as (typeof services)[string];
    const terminal = `fault-${cases.findIndex(([one, two]) => one === service && two === fault)}`;
    await makeTerminal(terminal);
    const rule: FaultRule = { host, ...faults[fault as keyof typeof faults] };
    const { operator, close } = await connectThrough(rule);
    const reported = new Map<AccessPath, AccessPathResult>();
    const interruption = new AbortController();
    const revoking = revoke(terminal, operator, {
      reason: "stolen",
      customer,
      timeouts: { hubPatienceMs: 1_000 },
      signal: interruption.signal,
      onResult: (result) => reported.set(result.accessPath, result),
    });
    const paths: AccessPath[] = ["hub", "files", "flow"];
    const others = paths.filter((path) => !needs.includes(path));
    await waitFor("the other access paths to be reported", () => others.every((path) => reported.has(path)), {
      withinMs: 40_000,
    });
    interruption.abort();
    const results = await revoking;
    for (const { accessPath, closed, what } of results) {
      expect(closed, `${accessPath}: ${what}`).toBe(!needs.includes(accessPath));
    }
    const states = await statesOf(terminal);
    for (const path of others) expect(states[path]).toBe(closedStates[path]);
    for (const path of needs) expect(states[path]).toBe(openStates[path]);
    await close();
  });
});
