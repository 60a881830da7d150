import { afterAll, beforeAll, expect, vi } from "vitest";
import type { Fleet } from "../../cli/azure/fleet.ts";
import { OperatorError } from "../../cli/lib/operator-error.ts";
import type { RotatedKey } from "../../cli/lifecycle/key-rotation/record.ts";
import { type RotationResult, rotateTerminals } from "../../cli/lifecycle/key-rotation/rotate-terminals.ts";
import type { Terminal } from "../../reference-terminal/terminal.ts";
import type { Vault } from "../../reference-terminal/vault.ts";
import { type DeployedFleet, deployFleet } from "../cli/fleet-harness.ts";
import {
  expectAccepted,
  ForwardClock,
  newVault,
  rotationOf,
  runOf,
  settle,
  startTerminal,
} from "../cli/lifecycle/key-rotation/rotating-desk.ts";
import { temporaryFolder } from "../support/folder.ts";
import { Lane } from "./lane.ts";
import { rotationCalls, serviceFaults } from "./plans.ts";
import { Choices, seeded } from "./seeds.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const customer = "faults-customer";
const graceMs = 3_600_000;
const minuteMs = 60_000;

let fleet: DeployedFleet;
let witness: Fleet;
let vault: Vault;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  vault = await newVault();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Runs that end anywhere, on computers whose clocks differ; the terminal is away now and then. */
async function rotated(seed: number): Promise<void> {
  const choices = new Choices(seed + 2_000_000);
  const lane = await Lane.open(fleet);
  await using folder = await temporaryFolder();
  const id = `rotated-${seed}`;
  const first = await settle(witness, id, customer);
  const said: string[] = [];
  const log = (line: string) => said.push(`${new Date().toISOString().slice(14, 23)} ${line}`);
  const start = () => startTerminal(first, folder.path, { network: fleet.network, vault, log });
  let terminal: Terminal | undefined = await start();
  const kept = terminal.keyRing;
  let keys = kept.current;
  const expectWorking = async () => {
    keys = terminal?.keyRing.current ?? keys;
    await expectAccepted(witness, { keys });
  };
  try {
    const wanted = choices.one<RotatedKey[]>([["hub", "flow"], ["flow"]]);
    for (let runs = choices.between(1, 3); runs > 0; runs--) {
      const operator = await lane.connect();
      for (const rule of serviceFaults(choices, rotationCalls)) lane.proxy.faults.add(rule);
      if (terminal && choices.chance(0.25)) {
        keys = terminal.keyRing.current;
        await terminal.stop();
        terminal = undefined;
      } else terminal ??= await start();
      const clock = new ForwardClock();
      clock.forward(choices.between(-10, 10) * minuteMs);
      const stop = new AbortController();
      if (choices.chance(0.4)) setTimeout(() => stop.abort(), choices.between(5, 800));
      const run = () =>
        rotateTerminals(new Map([[id, wanted]]), runOf(operator, clock, { graceMs }), {
          waitMs: choices.between(0, 1_500),
          signal: stop.signal,
        });
      // Now and then two operators at once.
      const all = await Promise.allSettled(choices.chance(0.2) ? [run(), run()] : [run()]);
      for (const ended of all) {
        if (ended.status === "rejected") {
          expect(ended.reason, (ended.reason as Error).stack).toBeInstanceOf(OperatorError);
        }
      }
      lane.proxy.faults.clear();
      await expectWorking();
    }
    terminal ??= await start();
    await finish(id, await lane.connect(), said);
    await expectWorking();
    expect(await rotationOf(witness, id)).toBeUndefined();
    expect(keys.flow.terminalKey).not.toBe(first.flow.terminalKey);
    await expect(expectAccepted(witness, { keys: first })).rejects.toThrow();
  } finally {
    await terminal?.stop();
    await lane.close();
  }
}

/** Goes on without failures until the old keys are no more; begins a rotation if none of the runs got to it. */
async function finish(id: string, operator: Fleet, said: string[]): Promise<void> {
  const clock = new ForwardClock();
  // Later than whatever clock the runs before had.
  clock.forward(20 * minuteMs);
  const go = async (): Promise<RotationResult | undefined> => {
    const context = runOf(operator, clock, { graceMs });
    const wanted: RotatedKey[] = (await rotationOf(witness, id)) ? [] : ["hub", "flow"];
    return (await rotateTerminals(new Map([[id, wanted]]), context, { waitMs: 20_000 })).get(id);
  };
  const graced = await go();
  expect(graced?.state, await told(graced, said)).toBe("grace");
  clock.forward(graceMs + minuteMs);
  const done = await go();
  expect(done?.state, await told(done, said)).toBe("done");
}

/** How a rotation stands that did not end: hashes and states, no keys. */
async function told(result: RotationResult | undefined, said: string[]): Promise<string> {
  const twin = await witness.twins.get(result?.terminal ?? "");
  const { desired = {} } = twin?.properties ?? {};
  const offered = (desired.keys as { id?: string } | undefined)?.id;
  const { connectionState } = twin ?? {};
  const record = result && (await rotationOf(witness, result.terminal));
  return JSON.stringify({ error: result?.error?.message, connectionState, offered, record, said });
}

seeded("rotation, shaken", { few: 10, all: 130, atOnce: 8 }, rotated);
