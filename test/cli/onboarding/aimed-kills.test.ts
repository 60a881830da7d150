import { mkdir } from "node:fs/promises";
import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { sealer } from "../../../cli/credentials/seal.ts";
import { Inventory } from "../../../cli/onboarding/inventory.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import {
  type OnboardingContext,
  onboardChunk,
  type TerminalResult,
} from "../../../cli/onboarding/onboard-chunk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { KillableRun, Killed } from "../killed-fleet.ts";
import { batchOf, Desk } from "./onboarding-desk.ts";

/* Runs that are killed at a chosen call. The calls between which they are killed are found by a run that is not killed. */

const customer = "example-customer";
/** How often each window is tried, each time with a terminal of its own. */
const killsPerWindow = 10;

/**
 * The calls of an onboarding that change something, in their order. The identity is created and the bundle is staged at the
 * same time: the throttle decides which of them is first.
 */
const changesOf = (first: "registry.create" | "folder.stage") => [
  first,
  first === "registry.create" ? "folder.stage" : "registry.create",
  "files.ensureContainer",
  "journal.append",
  "folder.publish",
  "flowKeys.add",
  "journal.append",
];
const identityFirst = changesOf("registry.create");
const bundleFirst = changesOf("folder.stage");

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

/** The same object with another method. */
function withMethod<Part extends object, Name extends keyof Part>(
  part: Part,
  name: Name,
  method: Part[Name],
) {
  return new Proxy(part, { get: (target, key) => (key === name ? method : Reflect.get(target, key)) });
}

/** Onboards the terminal `id`, as a process does that may be killed. */
async function onboard(
  id: string,
  desk: Desk,
  run: KillableRun,
  order = identityFirst,
): Promise<TerminalResult> {
  const journal = await Journal.open(Journal.pathFor(desk.batch, fleet.outputs.hubHostName));
  try {
    const bundles = new BundleFolder(desk.out);
    await bundles.prepare();
    const { registry, ...wrapped } = run.fleet(operator);
    const wrappedFolder = run.wrap(bundles, "folder");
    const seal = sealer({ recipients: [desk.recipient] });
    const isIdentityFirst = order === identityFirst;
    const firstEnded = Promise.withResolvers<void>();
    const create: typeof registry.create = async (devices) => {
      if (!isIdentityFirst) await firstEnded.promise;
      try {
        return await registry.create(devices);
      } finally {
        firstEnded.resolve();
      }
    };
    const stage: typeof bundles.stage = async (terminal, sealed) => {
      try {
        return await wrappedFolder.stage(terminal, sealed);
      } finally {
        firstEnded.resolve();
      }
    };
    const killable: Fleet = { ...wrapped, registry: withMethod(registry, "create", create) };
    const context: OnboardingContext = {
      fleet: killable,
      journal: run.wrap(journal, "journal"),
      folder: withMethod(wrappedFolder, "stage", stage),
      inventory: new Inventory(customer, killable),
      async seal(bundle) {
        if (isIdentityFirst) await firstEnded.promise;
        return seal(bundle);
      },
    };
    const terminal = { id, site: "Site 0", customer };
    const [result] = await onboardChunk({ terminals: [terminal], imported: new Map() }, context);
    return result as TerminalResult;
  } finally {
    // The system releases the lock of a killed process.
    await journal.close();
  }
}

const isChange = (name: string) => identityFirst.includes(name);

test.each([
  ["identity-first", identityFirst],
  ["bundle-first", bundleFirst],
])(
  "an onboarding makes its changes in the order: identity and staged bundle, container, journal, bundle, row, journal (%s)",
  async (id, order) => {
    const run = new KillableRun(undefined, isChange);
    const desk = await deskOf(id);
    expect(await onboard(id, desk, run, order)).toMatchObject({ outcome: "onboarded" });
    expect(run.calls).toEqual(order);
  },
);

describe.each(["before", "after"] as const)("a run that is killed %s a change", (moment) => {
  const pointsOf = (order: string[], length: number) =>
    order.slice(0, length).map((change, index) => ({ change, call: index + 1, order }));
  // From the third change on, both orders are the same.
  const points = [...pointsOf(identityFirst, identityFirst.length), ...pointsOf(bundleFirst, 2)];
  test.each(points)(
    "is continued by the next one, with one working credential bundle: $change ($call)",
    async ({ change, call, order }) => {
      // The services are as after the change before it: once is enough.
      const kills = moment === "after" ? killsPerWindow : 1;
      const ids = Array.from(
        { length: kills },
        (_, number) => `${order[0]?.split(".")[0]}-${moment}-${call}-${number}`,
      );
      await pMap(
        ids,
        async (id) => {
          const desk = await deskOf(id);
          const killed = new KillableRun({ call, moment }, isChange);
          await expect(onboard(id, desk, killed, order), id).rejects.toBeInstanceOf(Killed);
          expect(killed.calls, id).toEqual(order.slice(0, call));
          expect(killed.calls.at(-1)).toBe(change);
          const wasComplete = call === order.length && moment === "after";
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
