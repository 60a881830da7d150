import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { isInProgress } from "../azure/iot-hub/import-jobs.ts";
import type { NewDevice } from "../azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { backoffMs } from "../lib/backoff.ts";
import { systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { t } from "../words/translate.ts";
import type { Terminal } from "./batch-file/rows.ts";
import type { DeviceFile } from "./device-file.ts";
import { deviceTags, type IdentityResult } from "./identities.ts";

/** What import jobs need of the run. */
export interface ImportContext {
  fleet: Fleet;
  /** Called with a message about what the run waits for. */
  notify?: (text: string) => void;
  /** Aborting it ends the waiting. */
  signal?: AbortSignal;
}

/** Waits between reads of a job's status. */
const pollRange = { firstMs: 500, longestMs: 10_000 };
/** The IoT Hub's query index lags by one or two seconds. */
const indexLagMs = 2_000;
const maxIndexWaits = 2;
/** Up to this many devices are read one by one instead of by another query. */
const maxSingleReads = 100;
const concurrentReads = 16;
const alreadyExistsCodes = new Set(["409001", "DeviceAlreadyExists"]);

/**
 * Creates the device identities of many terminals with one import job. The keys stay in `file` until it is deleted, so
 * that a kill loses none of them.
 * @returns The certain results: keys, or why the IoT Hub did not create the identity. The identity of a terminal that is
 *   not in it may exist or not.
 * @throws OperatorError when the whole job fails, or `signal` is aborted.
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
    // It may be this import's own device, if the job was started twice. Otherwise the chunk reads the device.
    if (alreadyExistsCodes.has(code)) continue;
    const message = t`the import job did not create its device identity: ${code}`;
    results.set(id, { error: new OperatorError("failed", message, { code }) });
  }
  const candidates = devices.filter(({ id }) => !results.has(id));
  const created = await findCreated(file, candidates, context);
  for (const { id, keys } of candidates) if (created.has(id)) results.set(id, { keys });
  return results;
}

/**
 * Reads the keys of the devices that the import job of a killed run created and that were not changed since. Waits until
 * the IoT Hub has no job in progress.
 */
export async function recoverKeys(file: DeviceFile, context: ImportContext): Promise<NewDevice[]> {
  const devices = await file.read();
  if (devices.length === 0) return [];
  await waitUntilIdle(context);
  const created = await queryCreated(file.importId, context.fleet);
  return devices.filter(({ id }) => created.has(id));
}

async function runJob(file: DeviceFile, context: ImportContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    // Signed for each attempt: the job of another run can take longer than the links are valid.
    const jobId = await context.fleet.importJobs.start(
      await file.signedUri("r"),
      await file.signedUri("rwd"),
    );
    if (jobId) return waitForJob(jobId, context);
    if (attempt === 1) {
      context.notify?.(
        t`The IoT Hub runs one import or export job at a time, and another is in progress: waiting.`,
      );
    }
    await waitUntilIdle(context);
    // The other job may have been this one, started by a call whose answer was lost.
    if ((await queryCreated(file.importId, context.fleet)).size > 0) return;
  }
}

async function waitForJob(jobId: string, context: ImportContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await wait(backoffMs(attempt, Math.random, pollRange), context);
    const job = await context.fleet.importJobs.get(jobId);
    if (isInProgress(job)) continue;
    if (job.status === "completed") return;
    // The failure reason of the IoT Hub is not shown: it can contain the container's URI with its SAS.
    throw new OperatorError("failed", t`the IoT Hub's import job ended with the status ${job.status}`, {
      code: "ImportJobFailed",
      remedy: t`See the reason with \`az iot hub job show --job-id ${quote(jobId, "JOB_ID")}\`, and run this again: it continues. With --import never it uses no import job.`,
    });
  }
}

async function waitUntilIdle(context: ImportContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await wait(backoffMs(attempt, Math.random, pollRange), context);
    if (!(await context.fleet.importJobs.isBusy())) return;
  }
}

/** Finds the devices that the import created: by the query index, and the last ones by reading them one by one. */
async function findCreated(
  file: DeviceFile,
  candidates: NewDevice[],
  context: ImportContext,
): Promise<Set<string>> {
  let created = await queryCreated(file.importId, context.fleet);
  const countMissing = () => candidates.length - created.size;
  for (let waits = 0; waits < maxIndexWaits && countMissing() > maxSingleReads; waits++) {
    await wait(indexLagMs, context);
    created = await queryCreated(file.importId, context.fleet);
  }
  const missing = candidates.filter(({ id }) => !created.has(id));
  await pMap(
    missing,
    async ({ id }) => {
      const twin = await context.fleet.twins.get(id);
      if (twin?.tags?.importId === file.importId && twin.status === "enabled") created.add(id);
    },
    { concurrency: concurrentReads, signal: context.signal },
  ).catch((error) => {
    throwIfInterrupted(context);
    throw error;
  });
  return created;
}

async function queryCreated(importId: string, fleet: Fleet): Promise<Set<string>> {
  const created = new Set<string>();
  const query = `SELECT deviceId FROM devices WHERE tags.importId = '${importId}' AND status = 'enabled'`;
  for await (const { deviceId } of fleet.registry.query(query)) created.add(String(deviceId));
  return created;
}

async function wait(ms: number, context: ImportContext): Promise<void> {
  await systemClock.sleep(ms, context.signal);
  throwIfInterrupted(context);
}

function throwIfInterrupted({ signal }: ImportContext): void {
  if (signal?.aborted) throw new OperatorError("interrupted", t`interrupted`);
}
