import { explained, statusOf } from "../azure/explain-error.ts";
import { storageErrorCode } from "../file-exchange/files-account.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { t } from "../words/translate.ts";
import { DeviceFile, leaseSeconds } from "./device-file.ts";
import type { ImportAccount, StoredImport } from "./stored-imports.ts";

/** Pause between two attempts to acquire the lease of a run that may have been killed. */
const leaseCheckMs = 1_000;

/** Options of `cleanUpImports`. */
export interface CleanUpOptions {
  /** Called when an import is deleted. */
  onDeleted: (one: StoredImport) => void;
  /** Called once when the leases of runs that may have been killed are waited for. */
  onWait?: (imports: number) => void;
  /** Aborting it ends the run after the import in progress. */
  signal?: AbortSignal;
  clock?: Clock;
}

/**
 * Deletes interrupted imports with their device keys. The lease of a run that was killed just now expires within
 * `leaseSeconds`; a running one renews its lease, and its import is not deleted.
 * @returns The imports that were not deleted.
 */
export async function cleanUpImports(
  account: ImportAccount,
  imports: readonly StoredImport[],
  { onDeleted, onWait, signal, clock = systemClock }: CleanUpOptions,
): Promise<StoredImport[]> {
  let remaining = [...imports];
  for (let waitedMs = 0; ; waitedMs += leaseCheckMs) {
    const held: StoredImport[] = [];
    for (const one of remaining) {
      const isDeleted = !signal?.aborted && (await deleteImport(account, one));
      if (isDeleted) onDeleted(one);
      else held.push(one);
    }
    remaining = held;
    if (remaining.length === 0 || signal?.aborted || waitedMs > leaseSeconds * 1000) return remaining;
    if (waitedMs === 0) onWait?.(remaining.length);
    await clock.sleep(leaseCheckMs, signal);
  }
}

/** @returns Whether the import no longer exists. It exists when another run holds its lease. */
async function deleteImport(account: ImportAccount, { importId }: StoredImport): Promise<boolean> {
  const file = await DeviceFile.takeOver(account, importId);
  await file?.delete();
  const container = await DeviceFile.containerOf(account, importId);
  try {
    await container.getProperties();
    return false;
  } catch (error) {
    // Storage answers 409 while it deletes a container, and its content can no longer be read (ContainerBeingDeleted).
    if (statusOf(error) === 404 || storageErrorCode(error) === "ContainerBeingDeleted") return true;
    return explained(Promise.reject(error), t`verifying that the container of an import is deleted`);
  }
}
