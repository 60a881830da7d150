import { afterAll, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { sealer } from "../../../cli/credentials/seal.ts";
import { type Batch, checkBatch } from "../../../cli/onboarding/batch-file/batch.ts";
import { Inventory } from "../../../cli/onboarding/inventory.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { type OnboardOptions, onboard } from "../../../cli/onboarding/onboard.ts";
import type { OnboardingContext } from "../../../cli/onboarding/onboard-chunk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { deployFleet } from "../fleet-harness.ts";
import { batchOf, Desk } from "./onboarding-desk.ts";

const fleet = await deployFleet();
const operator = await fleet.connect();
afterAll(() => fleet[Symbol.asyncDispose]());

const idsOf = (prefix: string, length: number) =>
  Array.from({ length }, (_, number) => `${prefix}-${number}`);

/** Onboards a batch with a connection of the test's own. */
async function onboardWith(
  connection: Fleet,
  text: string,
  options: OnboardOptions & { onSealed?: () => void },
): Promise<void> {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, text);
  const batch = (await checkBatch(desk.batch, {
    onProblem: ({ reason }) => expect.unreachable(reason),
  })) as Batch;
  await connection.customers.subscriptionKey(batch.customer);
  const out = new BundleFolder(desk.out);
  await out.prepare();
  const journal = await Journal.open(fleet.journalOf(desk.batch));
  const seal = sealer({ recipients: [desk.recipient] });
  const context: OnboardingContext = {
    ...{ fleet: connection, journal, folder: out, inventory: new Inventory(batch.customer, connection) },
    async seal(bundle) {
      const sealed = await seal(bundle);
      options.onSealed?.();
      return sealed;
    },
  };
  try {
    await onboard(batch, context, options);
  } finally {
    await journal.close();
  }
}

test("the first rows of a batch are onboarded before most others are worked on", async () => {
  const stop = new AbortController();
  const done: string[] = [];
  let sealed = 0;
  let sealedWithFirst = 0;
  const run = onboardWith(operator, batchOf("first", 700), {
    signal: stop.signal,
    onSealed: () => sealed++,
    onResult({ terminal, outcome }) {
      expect(outcome).toBe("onboarded");
      if (done.push(terminal) !== 100) return;
      sealedWithFirst = sealed;
      stop.abort();
    },
  });
  await expect(run).rejects.toThrow("interrupted");
  expect(done.slice(0, 100)).toEqual(idsOf("first", 100));
  // Without an order, all 700 were sealed by then.
  expect(sealedWithFirst).toBeLessThanOrEqual(500);
});

test("the first rows of an imported batch are onboarded before the import job of the others has started", async () => {
  // A throttle of five registry operations a minute, at which 130 terminals take more than 20 minutes.
  const slow = { ...operator, registryOperationsPerMinute: 5 };
  const rejectJobs = fleet.proxy.faults.add({
    host: fleet.hosts.hub,
    path: "/jobs/create*",
    answer: { status: 503, headers: { "retry-after": "1" } },
  });
  const done: string[] = [];
  const doneBeforeJob: string[] = [];
  await onboardWith(slow, batchOf("early", 130, "early-customer"), {
    onResult({ terminal, outcome }) {
      expect(outcome).toBe("onboarded");
      if (done.push(terminal) !== 5) return;
      doneBeforeJob.push(...done);
      rejectJobs();
    },
  });
  expect(doneBeforeJob).toEqual(idsOf("early", 5));
  expect(done).toHaveLength(130);
});
