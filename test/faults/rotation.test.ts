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
import { Choices, seeded } from "./seeds.ts";
import { rotationCalls, serviceFaults } from "./service-faults.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 300_000 });

const customer = "faults-customer";
const graceMs = 3_600_000;
const minuteMs = 60_000;

let fleet: DeployedFleet;
/** A connection without faults, for checks. */
let witness: Fleet;
let vault: Vault;

beforeAll(async () => {
  fleet = await deployFleet();
  witness = await fleet.connect();
  vault = await newVault();
  await witness.customers.subscriptionKey(customer);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Runs with faults and cancellations on computers with different clocks; at times the terminal is offline. */
async function rotateWithFaults(seed: number): Promise<void> {
  const choices = new Choices(seed + 2_000_000);
  await using folder = await temporaryFolder();
  await using lane = await Lane.open(fleet);
  const id = `rotated-${seed}`;
  const first = await settle(witness, id, customer);
  const lines: string[] = [];
  const log = (line: string) => lines.push(`${new Date().toISOString().slice(14, 23)} ${line}`);
  const start = () => startTerminal(first, folder.path, { network: fleet.network, vault, log });
  let terminal: Terminal | undefined = await start();
  let keys = terminal.keyRing.current;
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
      // At times two operators rotate the same terminal.
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
    await finish(id, await lane.connect(), lines);
    await expectWorking();
    expect(await rotationOf(witness, id)).toBeUndefined();
    expect(keys.flow.terminalKey).not.toBe(first.flow.terminalKey);
    await expect(expectAccepted(witness, { keys: first })).rejects.toThrow();
  } finally {
    await terminal?.stop();
  }
}

/** Completes the rotation without faults, until the old keys are invalid. It starts one if no run has. */
async function finish(id: string, operator: Fleet, lines: string[]): Promise<void> {
  const clock = new ForwardClock();
  // Later than the clock of every earlier run.
  clock.forward(20 * minuteMs);
  const rotate = async (): Promise<RotationResult | undefined> => {
    const context = runOf(operator, clock, { graceMs });
    const wanted: RotatedKey[] = (await rotationOf(witness, id)) ? [] : ["hub", "flow"];
    return (await rotateTerminals(new Map([[id, wanted]]), context, { waitMs: 20_000 })).get(id);
  };
  const inGrace = await rotate();
  expect(inGrace?.state, await describe(inGrace, lines)).toBe("grace");
  clock.forward(graceMs + minuteMs);
  const completed = await rotate();
  expect(completed?.state, await describe(completed, lines)).toBe("done");
}

/** Describes a rotation that did not complete, by hashes and states, without keys. */
async function describe(result: RotationResult | undefined, lines: string[]): Promise<string> {
  const twin = await witness.twins.get(result?.terminal ?? "");
  const { desired = {} } = twin?.properties ?? {};
  const offered = (desired.keys as { id?: string } | undefined)?.id;
  const { connectionState } = twin ?? {};
  const record = result && (await rotationOf(witness, result.terminal));
  return JSON.stringify({ error: result?.error?.message, connectionState, offered, record, lines });
}

seeded(
  "a rotation ends with new valid keys after faults, cancellations and with wrong clocks",
  { few: 10, all: 130, atOnce: 8 },
  rotateWithFaults,
);
