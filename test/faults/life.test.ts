import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, vi } from "vitest";
import type { Fleet } from "../../cli/azure/fleet.ts";
import { BundleFolder } from "../../cli/credentials/bundle-folder.ts";
import type { CredentialBundle } from "../../cli/credentials/credential-bundle.ts";
import { OperatorError } from "../../cli/lib/operator-error.ts";
import { sha256Base64 } from "../../cli/lib/sha256.ts";
import { rotateTerminals } from "../../cli/lifecycle/key-rotation/rotate-terminals.ts";
import { reinstate } from "../../cli/lifecycle/reinstate.ts";
import { revoke } from "../../cli/lifecycle/revoke.ts";
import { Inventory } from "../../cli/onboarding/inventory.ts";
import { Journal } from "../../cli/onboarding/journal.ts";
import { onboardChunk } from "../../cli/onboarding/onboard-chunk.ts";
import { type DeployedFleet, deployFleet } from "../cli/fleet-harness.ts";
import { ForwardClock, runOf } from "../cli/lifecycle/key-rotation/rotating-desk.ts";
import { temporaryFolder } from "../support/folder.ts";
import { Lane } from "./lane.ts";
import { lifeCalls, serviceFaults } from "./plans.ts";
import { Choices, seeded } from "./seeds.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const customer = "faults-customer";

let fleet: DeployedFleet;
let witness: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** One operator's computer, with the hand-overs that were made on it in clear: sealing is tried elsewhere. */
class Bench {
  readonly folder: BundleFolder;
  readonly handed: CredentialBundle[] = [];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.folder = new BundleFolder(`${path}/out`);
  }

  readonly seal = async (content: CredentialBundle): Promise<Uint8Array> => {
    this.handed.push(content);
    return Buffer.from(JSON.stringify(content));
  };

  /** @throws What the terminal's result says. */
  async onboard(terminal: string, operator: Fleet): Promise<void> {
    await this.folder.prepare();
    const journal = await Journal.open(`${this.path}/batch.journal`);
    try {
      const { folder, seal } = this;
      const onboarding = {
        fleet: operator,
        journal,
        folder,
        seal,
        inventory: new Inventory(customer, operator),
      };
      const wave = { terminals: [{ id: terminal, customer, site: "Hall A" }], imported: new Map() };
      const [result] = await onboardChunk(wave, onboarding);
      if (result?.error) throw result.error;
    } finally {
      await journal.close();
    }
  }

  async reinstate(terminal: string, operator: Fleet): Promise<void> {
    await this.folder.prepare();
    await reinstate(terminal, operator, { folder: this.folder, seal: this.seal });
  }
}

/** @throws OperatorError when a door is not closed. */
async function shutOut(terminal: string, operator: Fleet): Promise<void> {
  const doors = await revoke(terminal, operator, { reason: "contested" });
  const open = doors.find(({ closed }) => !closed);
  if (open) throw new OperatorError("failed", `${open.accessPath} is open: ${open.what}`);
}

/** How a terminal stands: open or shut at all doors, or at some. */
async function standing(terminal: string): Promise<"open" | "shut" | "mixed" | "unknown"> {
  const hub = (await witness.registry.get(terminal))?.status;
  const flow = (await witness.flowKeys.get(customer, terminal))?.status;
  const policy = await witness.files.hasPolicy(terminal);
  if (hub === undefined && flow === undefined) return "unknown";
  if (hub === "enabled" && flow === "active" && policy) return "open";
  return hub === "disabled" && flow === "revoked" && !policy ? "shut" : "mixed";
}

/** That one of the hand-overs opens all doors. */
async function expectOneWorks(terminal: string, benches: Bench[]): Promise<void> {
  const keys = (await witness.registry.get(terminal))?.authentication.symmetricKey;
  const row = await witness.flowKeys.get(customer, terminal);
  const accepted = [row?.currentKeySha256, row?.previousKeySha256];
  const working = benches
    .flatMap(({ handed }) => handed)
    .filter(
      ({ hub, flow }) =>
        [keys?.primaryKey, keys?.secondaryKey].includes(hub.primaryKey) &&
        accepted.includes(sha256Base64(flow.terminalKey)),
    );
  expect(working.length).toBeGreaterThan(0);
  expect(await witness.files.acceptsLinks(terminal)).toBe(true);
}

/** Operators who want different things of one terminal at the same time, with failures of the services on top. */
async function contested(seed: number): Promise<void> {
  const choices = new Choices(seed + 3_000_000);
  const lane = await Lane.open(fleet);
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  const benches = [new Bench(here.path), new Bench(there.path)];
  const [first, second] = benches as [Bench, Bench];
  const terminal = `contested-${seed}`;
  try {
    const operator = await lane.connect();
    const beginning = choices.one(["new", "onboarded", "revoked"] as const);
    if (beginning !== "new") await first.onboard(terminal, operator);
    if (beginning === "revoked") await shutOut(terminal, operator);

    const works: Record<string, () => Promise<unknown>> = {
      revoke: () => shutOut(terminal, operator),
      reinstate: () => first.reinstate(terminal, operator),
      "reinstate elsewhere": () => second.reinstate(terminal, operator),
      onboard: () => first.onboard(terminal, operator),
      "onboard elsewhere": () => second.onboard(terminal, operator),
      rotate: () =>
        rotateTerminals(new Map([[terminal, ["hub", "flow"]]]), runOf(operator, new ForwardClock()), {
          waitMs: 0,
        }),
    };
    const others = Object.keys(works).filter((name) => name !== "revoke");
    const chosen = new Set(["revoke", choices.one(others), choices.one(others)]);
    const shaky = choices.chance(0.5);
    if (shaky) for (const rule of serviceFaults(choices, lifeCalls)) lane.proxy.faults.add(rule);
    const results = await Promise.all(
      [...chosen].map(async (name) => {
        await sleep(choices.between(0, 120));
        return {
          name,
          error: await works[name]?.().then(
            () => undefined,
            (error: unknown) => error,
          ),
        };
      }),
    );
    lane.proxy.faults.clear();
    const told = results.map(
      ({ name, error }) => `${name}: ${(error as Error | undefined)?.message ?? "done"}`,
    );
    for (const { error } of results) if (error) expect(error, told.join("; ")).toBeInstanceOf(OperatorError);
    const stands = await standing(terminal);
    // A failure of a service is told, and may leave something half done; nothing else may.
    if (!shaky && beginning !== "new") expect(stands, told.join("; ")).not.toBe("mixed");
    if (stands === "open") await expectOneWorks(terminal, benches);
    // What was told to be closed is closed, unless somebody was told that it is open.
    const done = new Set(results.flatMap(({ name, error }) => (error ? [] : [name.split(" ")[0]])));
    if (done.has("revoke") && !done.has("reinstate") && !done.has("onboard") && beginning !== "new") {
      expect(stands, told.join("; ")).toBe("shut");
    }

    // Whatever was left: revoking shuts it wholly, no old batch opens it, and reinstating does.
    if ((await standing(terminal)) === "unknown") await first.onboard(terminal, operator);
    await shutOut(terminal, operator);
    expect(await standing(terminal)).toBe("shut");
    for (const bench of benches) await expect(bench.onboard(terminal, operator)).rejects.toThrow();
    expect(await standing(terminal)).toBe("shut");
    await first.reinstate(terminal, operator);
    expect(await standing(terminal)).toBe("open");
    await expectOneWorks(terminal, [first]);
  } finally {
    await lane.close();
  }
}

seeded("life, contested", { few: 20, all: 150, atOnce: 8 }, contested);
