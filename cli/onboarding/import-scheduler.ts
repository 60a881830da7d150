import pLimit from "p-limit";
import pMap from "p-map";
import { timeAtPace } from "../azure/iot-hub/pacing.ts";
import { bulkSize, type NewDevice } from "../azure/iot-hub/registry.ts";
import { systemClock } from "../lib/clock.ts";
import { isSameName } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { DeviceFile, leaseSeconds } from "./device-file.ts";
import type { IdentityResult } from "./identities.ts";
import { type ImportContext, importIdentities, recoverKeys } from "./import-job.ts";
import type { OnboardingContext } from "./onboard-chunk.ts";

/** Whether import jobs of the IoT Hub create the device identities; "auto": for batches that the throttle slows down. */
export type ImportMode = "auto" | "always" | "never";

/** With "auto", a batch that takes longer than this at the throttle is imported: on one unit of S1, 2,100 terminals. */
const maxPacedMs = 20 * 60_000;
/** Terminals in one import job. It limits the memory, and how many keys are to be recovered after a kill. */
const jobSize = 10_000;
const concurrentReads = 16;
/** Pause between two checks whether the lease of a killed run has expired. */
const leaseCheckMs = 1_000;

/** Whether a batch is imported, with a throttle of `perMinute` registry operations a minute. */
export function isImported(mode: ImportMode, terminals: number, perMinute: number): boolean {
  return mode === "always" || (mode === "auto" && timeAtPace(terminals, perMinute) > maxPacedMs);
}

/** Some terminals of a batch, in its order, with the results of their import job. */
export interface ImportChunk {
  terminals: Terminal[];
  imported: ReadonlyMap<string, IdentityResult>;
  /** Deletes the import's file, once all terminals are onboarded or have failed. */
  release(): Promise<void>;
}

/** Runs the import jobs of one onboarding run, one at a time, and takes over the imports of killed runs. */
export class ImportScheduler {
  /** The best number of terminals for one call of `prepareChunk`. */
  readonly chunkSize: number;
  /**
   * The same for the first call. With "auto" it is what the throttle allows within a minute: these terminals need no import
   * job, so that an installer can start with the first rows of the batch while the job of the others runs.
   */
  readonly firstChunkSize: number;
  private readonly context: ImportContext;
  private readonly onboarding: OnboardingContext;
  private readonly customer: string;
  /** Fewer terminals are not worth an import job. */
  private readonly minJobSize: number;
  private readonly recovered = new Map<string, NewDevice>();
  private readonly files = new Set<DeviceFile>();
  /** IDs of abandoned imports that this account may not take over. */
  private readonly unreadable = new Set<string>();
  private readonly serial = pLimit(1);

  private constructor(
    customer: string,
    onboarding: OnboardingContext,
    context: ImportContext,
    { imported, mode }: { imported: boolean; mode: ImportMode },
  ) {
    this.customer = customer;
    this.onboarding = onboarding;
    this.context = context;
    this.chunkSize = imported ? jobSize : bulkSize;
    const inAMinute = onboarding.fleet.registryOperationsPerMinute;
    this.firstChunkSize = mode === "auto" ? Math.min(this.chunkSize, inAMinute) : this.chunkSize;
    this.minJobSize = !imported ? Number.POSITIVE_INFINITY : mode === "always" ? 1 : inAMinute + 1;
  }

  /** Creates the scheduler, takes over the imports of killed runs, and recovers the keys of this customer's terminals. */
  static async open(
    batch: { customer: string; terminals: number },
    onboarding: OnboardingContext,
    options: Omit<ImportContext, "fleet"> & { mode: ImportMode },
  ): Promise<ImportScheduler> {
    const { mode, ...context } = options;
    const { fleet } = onboarding;
    const imported = isImported(mode, batch.terminals, fleet.registryOperationsPerMinute);
    const scheduler = new ImportScheduler(
      batch.customer,
      onboarding,
      { fleet, ...context },
      { imported, mode },
    );
    await scheduler.recoverImports();
    return scheduler;
  }

  /** Creates missing device identities with an import job, if there are enough. Calls run one after the other. */
  prepareChunk(terminals: Terminal[]): Promise<ImportChunk> {
    return this.serial(() => this.importChunk(terminals));
  }

  /** @param isComplete Whether the whole batch was processed. Otherwise the next run takes the files over. */
  async close(isComplete: boolean): Promise<void> {
    await this.serial(async () => {
      for (const file of this.files) await (isComplete ? file.delete() : file.release());
      this.files.clear();
    });
  }

  private async importChunk(terminals: Terminal[]): Promise<ImportChunk> {
    const imported = new Map<string, IdentityResult>();
    const missing: Terminal[] = [];
    for (const terminal of terminals) {
      const device = this.recovered.get(terminal.id);
      const { customer, site } = device?.tags ?? {};
      if (device && customer === terminal.customer && isSameName(site, terminal.site)) {
        imported.set(terminal.id, { keys: device.keys });
      } else missing.push(terminal);
    }
    const candidates = missing.length < this.minJobSize ? [] : await this.withoutBundle(missing);
    if (candidates.length === 0 || candidates.length < this.minJobSize) {
      return { terminals, imported, release: async () => {} };
    }
    const { fleet } = this.context;
    await this.onboarding.change?.before(candidates.map(({ id }) => id));
    const file = await DeviceFile.create(fleet.imports, {
      hub: fleet.outputs.hubHostName,
      customer: this.customer,
    });
    this.files.add(file);
    try {
      const results = await importIdentities(candidates, file, this.context);
      for (const [id, result] of results) imported.set(id, result);
      const created = [...results].flatMap(([id, result]) => ("keys" in result ? [id] : []));
      this.onboarding.onIdentitiesCreated?.(created);
    } catch (error) {
      // A job without the right to start it has created nothing.
      if (isNotAllowed(error)) await this.deleteFile(file);
      throw error;
    }
    return { terminals, imported, release: () => this.deleteFile(file) };
  }

  /** The terminals for which no run on this computer has sealed a credential bundle. */
  private async withoutBundle(terminals: Terminal[]): Promise<Terminal[]> {
    const { journal, folder } = this.onboarding;
    const hasBundle = await pMap(
      terminals,
      async ({ id }) => Boolean(await journal.get(id)) || (await folder.digest(id)) !== undefined,
      { concurrency: concurrentReads },
    );
    return terminals.filter((_, index) => !hasBundle[index]);
  }

  /** A run that was killed just now holds its lease for up to `leaseSeconds`; a running one renews its lease. */
  private async recoverImports(): Promise<void> {
    const { fleet, notify, signal } = this.context;
    const hub = fleet.outputs.hubHostName;
    for (let waitedMs = 0; ; waitedMs += leaseCheckMs) {
      await this.takeOver(hub);
      if (signal?.aborted || waitedMs >= leaseSeconds * 1000) return;
      const known = new Set([...this.unreadable, ...[...this.files].map(({ importId }) => importId)]);
      if (!(await DeviceFile.isHeldByAnother(fleet.imports, hub, this.customer, known))) return;
      if (waitedMs === 0) {
        notify?.(
          t`Another import for this customer is in progress or was killed: waiting up to ${leaseSeconds} seconds.`,
        );
      }
      await systemClock.sleep(leaseCheckMs, signal);
    }
  }

  private async takeOver(hub: string): Promise<void> {
    for await (const { file, customer } of DeviceFile.takeOverAbandoned(this.context.fleet.imports, hub)) {
      if (this.unreadable.has(file.importId)) {
        await file.release();
        continue;
      }
      this.files.add(file);
      try {
        const devices = customer === this.customer ? await recoverKeys(file, this.context) : [];
        for (const device of devices) this.recovered.set(device.id, device);
        if (devices.length === 0) await this.deleteFile(file);
      } catch (error) {
        // An account without the right to read jobs leaves the import to one with that right.
        if (!isNotAllowed(error)) throw error;
        this.files.delete(file);
        this.unreadable.add(file.importId);
        await file.release();
      }
    }
  }

  private async deleteFile(file: DeviceFile): Promise<void> {
    await file.delete();
    this.files.delete(file);
  }
}

const isNotAllowed = (error: unknown) => error instanceof OperatorError && error.outcome === "notAllowed";
