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
import { Choices, seeded } from "./seeds.ts";
import { lifecycleCalls, serviceFaults } from "./service-faults.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 300_000 });

const customer = "faults-customer";

let fleet: DeployedFleet;
/** A connection without faults, for checks. */
let witness: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** One operator's computer. It keeps the credential bundles unsealed: other tests cover sealing. */
class Workplace {
  readonly folder: BundleFolder;
  readonly bundles: CredentialBundle[] = [];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.folder = new BundleFolder(`${path}/out`);
  }

  readonly seal = async (content: CredentialBundle): Promise<Uint8Array> => {
    this.bundles.push(content);
    return Buffer.from(JSON.stringify(content));
  };

  /** @throws The error of the terminal's result. */
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
      const chunk = { terminals: [{ id: terminal, customer, site: "Hall A" }], imported: new Map() };
      const [result] = await onboardChunk(chunk, onboarding);
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

/** @throws OperatorError when an access path is not closed. */
async function revokeFully(terminal: string, operator: Fleet): Promise<void> {
  const paths = await revoke(terminal, operator, { reason: "contested" });
  const open = paths.find(({ closed }) => !closed);
  if (open) throw new OperatorError("failed", `${open.accessPath} is open: ${open.what}`);
}

/** Whether all access paths of a terminal are open, all are closed, or some are open. */
async function accessOf(terminal: string): Promise<"open" | "closed" | "mixed" | "unknown"> {
  const hub = (await witness.registry.get(terminal))?.status;
  const flow = (await witness.flowKeys.get(customer, terminal))?.status;
  const policy = await witness.files.hasPolicy(terminal);
  if (hub === undefined && flow === undefined) return "unknown";
  if (hub === "enabled" && flow === "active" && policy) return "open";
  return hub === "disabled" && flow === "revoked" && !policy ? "closed" : "mixed";
}

/** One of the credential bundles opens all access paths. */
async function expectOneValid(terminal: string, workplaces: Workplace[]): Promise<void> {
  const keys = (await witness.registry.get(terminal))?.authentication.symmetricKey;
  const row = await witness.flowKeys.get(customer, terminal);
  const accepted = [row?.currentKeySha256, row?.previousKeySha256];
  const valid = workplaces
    .flatMap(({ bundles }) => bundles)
    .filter(
      ({ hub, flow }) =>
        [keys?.primaryKey, keys?.secondaryKey].includes(hub.primaryKey) &&
        accepted.includes(sha256Base64(flow.terminalKey)),
    );
  expect(valid.length).toBeGreaterThan(0);
  expect(await witness.files.acceptsLinks(terminal)).toBe(true);
}

/** Operators change one terminal in different ways at the same time, half of the seeds with service faults. */
async function changeConcurrently(seed: number): Promise<void> {
  const choices = new Choices(seed + 3_000_000);
  await using lane = await Lane.open(fleet);
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  const workplaces = [new Workplace(here.path), new Workplace(there.path)];
  const [first, second] = workplaces as [Workplace, Workplace];
  const terminal = `contested-${seed}`;
  const operator = await lane.connect();
  const beginning = choices.one(["new", "onboarded", "revoked"] as const);
  if (beginning !== "new") await first.onboard(terminal, operator);
  if (beginning === "revoked") await revokeFully(terminal, operator);

  const changes: Record<string, () => Promise<unknown>> = {
    revoke: () => revokeFully(terminal, operator),
    reinstate: () => first.reinstate(terminal, operator),
    "reinstate elsewhere": () => second.reinstate(terminal, operator),
    onboard: () => first.onboard(terminal, operator),
    "onboard elsewhere": () => second.onboard(terminal, operator),
    rotate: () =>
      rotateTerminals(new Map([[terminal, ["hub", "flow"]]]), runOf(operator, new ForwardClock()), {
        waitMs: 0,
      }),
  };
  const others = Object.keys(changes).filter((name) => name !== "revoke");
  const chosen = new Set(["revoke", choices.one(others), choices.one(others)]);
  const hasFaults = choices.chance(0.5);
  if (hasFaults) for (const rule of serviceFaults(choices, lifecycleCalls)) lane.proxy.faults.add(rule);
  const results = await Promise.all(
    [...chosen].map(async (name) => {
      await sleep(choices.between(0, 120));
      return {
        name,
        error: await changes[name]?.().then(
          () => undefined,
          (error: unknown) => error,
        ),
      };
    }),
  );
  lane.proxy.faults.clear();
  const summary = results.map(
    ({ name, error }) => `${name}: ${(error as Error | undefined)?.message ?? "done"}`,
  );
  for (const { error } of results) if (error) expect(error, summary.join("; ")).toBeInstanceOf(OperatorError);
  const access = await accessOf(terminal);
  // A service fault is reported and may leave a change half done. Nothing else may.
  if (!hasFaults && beginning !== "new") expect(access, summary.join("; ")).not.toBe("mixed");
  if (access === "open") await expectOneValid(terminal, workplaces);
  // A reported revocation holds, unless a reinstatement or an onboarding was reported as well.
  const done = new Set(results.flatMap(({ name, error }) => (error ? [] : [name.split(" ")[0]])));
  if (done.has("revoke") && !done.has("reinstate") && !done.has("onboard") && beginning !== "new") {
    expect(access, summary.join("; ")).toBe("closed");
  }

  // From every state: revoking closes all access paths, onboarding does not open them, and reinstating does.
  if ((await accessOf(terminal)) === "unknown") await first.onboard(terminal, operator);
  await revokeFully(terminal, operator);
  expect(await accessOf(terminal)).toBe("closed");
  for (const workplace of workplaces) await expect(workplace.onboard(terminal, operator)).rejects.toThrow();
  expect(await accessOf(terminal)).toBe("closed");
  await first.reinstate(terminal, operator);
  expect(await accessOf(terminal)).toBe("open");
  await expectOneValid(terminal, [first]);
}

seeded(
  "concurrent changes of one terminal leave no access path open that a revocation closed",
  { few: 20, all: 150, atOnce: 8 },
  changeConcurrently,
);
