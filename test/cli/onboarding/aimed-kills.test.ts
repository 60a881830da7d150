import { mkdir } from "node:fs/promises";
import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { sealer } from "../../../cli/credentials/seal.ts";
import { Inventory } from "../../../cli/onboarding/inventory.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { onboardChunk, type TerminalResult } from "../../../cli/onboarding/onboard-chunk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { KillableRun, Killed } from "../killed-fleet.ts";
import { batchOf, Desk } from "./onboarding-desk.ts";

/* Runs that are killed at a chosen call. The calls between which they are killed are found by a run that is not killed. */

const customer = "example-customer";
/** How often each window is tried, each time with a terminal of its own. */
const killsPerWindow = 10;

/** The calls of an onboarding that change something, in their order. */
const changes = [
  "registry.create",
  "files.ensureContainer",
  "folder.stage",
  "journal.append",
  "folder.publish",
  "flowKeys.add",
  "journal.append",
];

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  folder = await temporaryFolder();
  await operator.customers.subscriptionKey(customer);
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** The folder of one operator, with one terminal to onboard. */
async function deskOf(id: string): Promise<Desk> {
  const own = folder.file(id);
  await mkdir(own);
  return Desk.at(fleet, own, batchOf(id, 1));
}

/** Onboards the terminal `id`, as a process does that may be killed. */
async function onboard(id: string, desk: Desk, run: KillableRun): Promise<TerminalResult> {
  const journal = await Journal.open(Journal.pathFor(desk.batch, fleet.outputs.hubHostName));
  try {
    const bundles = new BundleFolder(desk.out);
    await bundles.prepare();
    const wrapped = run.fleet(operator);
    const context = {
      fleet: wrapped,
      journal: run.wrap(journal, "journal"),
      folder: run.wrap(bundles, "folder"),
      inventory: new Inventory(customer, wrapped),
      seal: sealer({ recipients: [desk.recipient] }),
    };
    const terminal = { id, site: "Site 0", customer };
    const [result] = await onboardChunk({ terminals: [terminal], imported: new Map() }, context);
    return result as TerminalResult;
  } finally {
    // The system releases the lock of a killed process.
    await journal.close();
  }
}

const isChange = (name: string) => changes.includes(name);

test("an onboarding makes its changes in the order: identity, container, bundle, journal, row, journal", async () => {
  const run = new KillableRun(undefined, isChange);
  const desk = await deskOf("whole-0");
  expect(await onboard("whole-0", desk, run)).toMatchObject({ outcome: "onboarded" });
  expect(run.calls).toEqual(changes);
});

describe.each(["before", "after"] as const)("a run that is killed %s a change", (moment) => {
  const points = changes.map((change, index) => ({ change, call: index + 1 }));
  test.each(points)(
    "is continued by the next one, with one working credential bundle: $change ($call)",
    async ({ change, call }) => {
      // The services are as after the change before it: once is enough.
      const kills = moment === "after" ? killsPerWindow : 1;
      const ids = Array.from({ length: kills }, (_, number) => `kill-${moment}-${call}-${number}`);
      await pMap(
        ids,
        async (id) => {
          const desk = await deskOf(id);
          const killed = new KillableRun({ call, moment }, isChange);
          await expect(onboard(id, desk, killed), id).rejects.toBeInstanceOf(Killed);
          expect(killed.calls, id).toEqual(changes.slice(0, call));
          expect(killed.calls.at(-1)).toBe(change);
          const wasComplete = call === changes.length && moment === "after";
          const again = await onboard(id, desk, new KillableRun());
          // The row decides: a terminal that has it was onboarded by the killed run.
          const hadRow = call > 6 || (call === 6 && moment === "after");
          expect(again, id).toMatchObject({ outcome: hadRow || wasComplete ? "unchanged" : "onboarded" });
          await desk.expectOnboarded(operator, id);
          expect(await onboard(id, desk, new KillableRun()), id).toMatchObject({ outcome: "unchanged" });
        },
        { concurrency: 5 },
      );
    },
    60_000,
  );
});
