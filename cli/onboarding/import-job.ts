import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { isInProgress } from "../azure/iot-hub/import-jobs.ts";
import type { NewDevice } from "../azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { backoffMs } from "../lib/backoff.ts";
import { systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Terminal } from "./batch-file/rows.ts";
import type { DeviceFile } from "./device-file.ts";
import { deviceTags, type IdentityResult } from "./identities.ts";

/** What imports need of the run that they are for. */
export interface ImportContext {
  fleet: Fleet;
  /** Told what it waits for, in words for people. */
  notify?: (text: string) => void;
  /** Aborting it ends the waiting. */
  signal?: AbortSignal;
}

/** Waits between looks at a job: from half a second to ten seconds. */
const looks = { firstMs: 500, longestMs: 10_000 };
/** How long the hub's query index lags: one or two seconds. */
const indexLagMs = 2_000;
/** That many devices are asked for one by one rather than with another query. */
const fewTwins = 100;
const twinsAtOnce = 16;
const alreadyExists = new Set(["409001", "DeviceAlreadyExists"]);

/**
 * Makes the identities of many terminals with one import job. The keys are in `file` until it is deleted, so that a
 * run that is killed meanwhile loses none of them.
 * @returns What certainly came of a terminal: keys that it has, or the reason why the hub did not take it. Who is
 *   not in it may have an identity or not.
 * @throws OperatorError when the job fails as a whole, or waiting was ended.
 */
export async function importIdentities(
  terminals: Terminal[],
  file: DeviceFile,
  context: ImportContext,
): Promise<Map<string, IdentityResult>> {
  const devices = terminals.map(
    (terminal): NewDevice => ({ id: terminal.id, keys: mintDeviceKeys(), tags: deviceTags(terminal) }),
  );
  await file.write(devices);
  await runJob(file, context);
  const results = new Map<string, IdentityResult>();
  for (const { id, code } of await file.readErrors()) {
    // One that exists may be this import's own, from a job that was started twice; else the waves look at it.
    if (alreadyExists.has(code)) continue;
    results.set(id, { error: new OperatorError("failed", `importing its identity: ${code}`, { code }) });
  }
  const candidates = devices.filter(({ id }) => !results.has(id));
  const made = await madeBy(file, candidates, context);
  for (const { id, keys } of candidates) if (made.has(id)) results.set(id, { keys });
  return results;
}

/**
 * The keys in what an earlier run's import left, of the identities that it made and that nobody changed since.
 * Waits until the hub is not working on it any more.
 */
export async function recoverKeys(file: DeviceFile, context: ImportContext): Promise<NewDevice[]> {
  const devices = await file.read();
  if (devices.length === 0) return [];
  await untilIdle(context);
  const made = await queryMade(file.importId, context.fleet);
  return devices.filter(({ id }) => made.has(id));
}

async function runJob(file: DeviceFile, context: ImportContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    // Signed anew at each attempt: another's job may take hours, and the keys to the file are to be short-lived.
    const job = await context.fleet.importJobs.start(await file.signedUri("r"), await file.signedUri("rwd"));
    if (job) return finish(job, context);
    if (attempt === 1)
      context.notify?.("The hub has an import or export job under way, and takes one at a time: waiting.");
    await untilIdle(context);
    // The job that was in the way can have been this one, from a call whose answer was lost.
    if ((await queryMade(file.importId, context.fleet)).size > 0) return;
  }
}

async function finish(jobId: string, context: ImportContext): Promise<void> {
  for (let look = 1; ; look++) {
    await wait(backoffMs(look, Math.random, looks), context);
    const job = await context.fleet.importJobs.get(jobId);
    if (isInProgress(job)) continue;
    if (job.status === "completed") return;
    // The hub's own words could repeat the container's URI, which holds a key.
    throw new OperatorError("failed", `the hub's import job ended as ${job.status}`, {
      code: "ImportJobFailed",
      remedy: `Run this again: it continues. \`az iot hub job show --job-id ${jobId}\` tells the reason. With --import never it goes without import jobs.`,
    });
  }
}

async function untilIdle(context: ImportContext): Promise<void> {
  for (let look = 1; ; look++) {
    await wait(backoffMs(look, Math.random, looks), context);
    if (!(await context.fleet.importJobs.isBusy())) return;
  }
}

/** The devices that this import made: asked of the hub's index, and one by one for those that it does not have yet. */
async function madeBy(
  file: DeviceFile,
  candidates: NewDevice[],
  context: ImportContext,
): Promise<Set<string>> {
  await wait(indexLagMs, context);
  let made = await queryMade(file.importId, context.fleet);
  if (candidates.length - made.size > fewTwins) {
    await wait(indexLagMs, context);
    made = await queryMade(file.importId, context.fleet);
  }
  const unsure = candidates.filter(({ id }) => !made.has(id));
  await pMap(
    unsure,
    async ({ id }) => {
      const twin = await context.fleet.twins.get(id);
      if (twin?.tags?.importId === file.importId && twin.status === "enabled") made.add(id);
    },
    { concurrency: twinsAtOnce, signal: context.signal },
  );
  return made;
}

async function queryMade(importId: string, fleet: Fleet): Promise<Set<string>> {
  const made = new Set<string>();
  const query = `SELECT deviceId FROM devices WHERE tags.importId = '${importId}' AND status = 'enabled'`;
  for await (const { deviceId } of fleet.registry.query(query)) made.add(String(deviceId));
  return made;
}

async function wait(ms: number, { signal }: ImportContext): Promise<void> {
  await systemClock.sleep(ms, signal);
  if (signal?.aborted) throw new OperatorError("interrupted", "interrupted");
}
