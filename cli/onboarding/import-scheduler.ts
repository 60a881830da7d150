import pLimit from "p-limit";
import pMap from "p-map";
import { timeAtPace } from "../azure/iot-hub/pacing.ts";
import { bulkSize, type NewDevice } from "../azure/iot-hub/registry.ts";
import { systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { DeviceFile, leaseSeconds } from "./device-file.ts";
import type { IdentityResult } from "./identities.ts";
import { type ImportContext, importIdentities, recoverKeys } from "./import-job.ts";
import type { OnboardingContext } from "./onboard-chunk.ts";

/** Whether identities are made by the hub's import jobs: "auto" for batches that the hub's pace makes long. */
export type ImportMode = "auto" | "always" | "never";

/** With "auto", a batch that takes longer than this at the tier's pace is imported: on S1 with one unit, 2,100. */
const longMs = 20 * 60_000;
/** Terminals that one job makes: it bounds the memory, and what a kill leaves to be recovered. */
const jobSize = 10_000;
const looksAtOnce = 16;

/** Whether a batch of `terminals` is imported, at a pace of `perMinute` registry operations. */
export function isImported(mode: ImportMode, terminals: number, perMinute: number): boolean {
  return mode === "always" || (mode === "auto" && timeAtPace(terminals, perMinute) > longMs);
}

/** Some terminals of a batch, in its order, with what is known of their identities. */
export interface ImportChunk {
  terminals: Terminal[];
  imported: ReadonlyMap<string, IdentityResult>;
  /** All of them are onboarded, or have failed for good: what the import left is not needed any more. */
  release(): Promise<void>;
}

/** A run's import jobs, one at a time, and what those of killed runs left. */
export class ImportScheduler {
  /** How many terminals `prepare` is best given at a time. */
  readonly chunkSize: number;
  private readonly context: ImportContext;
  private readonly onboarding: OnboardingContext;
  private readonly customer: string;
  private readonly fewest: number;
  private readonly recovered = new Map<string, NewDevice>();
  private readonly held = new Set<DeviceFile>();
  private readonly serial = pLimit(1);

  private constructor(
    customer: string,
    onboarding: OnboardingContext,
    context: ImportContext,
    imported: boolean,
    mode: ImportMode,
  ) {
    this.customer = customer;
    this.onboarding = onboarding;
    this.context = context;
    this.chunkSize = imported ? jobSize : bulkSize;
    // What the hub takes within a minute needs no job.
    const aMinute = onboarding.fleet.registryOperationsPerMinute + 1;
    this.fewest = !imported ? Number.POSITIVE_INFINITY : mode === "always" ? 1 : aMinute;
  }

  /**
   * Looks for what imports of killed runs left, and takes it over: keys of this customer's terminals are used, and
   * all of it is deleted.
   */
  static async open(
    batch: { customer: string; terminals: number },
    onboarding: OnboardingContext,
    options: Omit<ImportContext, "fleet"> & { mode: ImportMode },
  ): Promise<ImportScheduler> {
    const { mode } = options;
    const { fleet } = onboarding;
    const imported = isImported(mode, batch.terminals, fleet.registryOperationsPerMinute);
    const imports = new ImportScheduler(batch.customer, onboarding, { fleet, ...options }, imported, mode);
    await imports.recover();
    return imports;
  }

  /** Makes the identities of those that have none yet, if that is worth a job; after what was prepared before. */
  prepareChunk(terminals: Terminal[]): Promise<ImportChunk> {
    return this.serial(() => this.prepareNow(terminals));
  }

  /** @param finished Whether the whole batch was gone through; else the next run takes over what is left. */
  async close(finished: boolean): Promise<void> {
    await this.serial(async () => {
      for (const file of this.held) await (finished ? file.delete() : file.release());
      this.held.clear();
    });
  }

  private async prepareNow(terminals: Terminal[]): Promise<ImportChunk> {
    const imported = new Map<string, IdentityResult>();
    const missing: Terminal[] = [];
    for (const terminal of terminals) {
      const found = this.recovered.get(terminal.id);
      const { customer, site } = found?.tags ?? {};
      if (found && customer === terminal.customer && site === terminal.site) {
        imported.set(terminal.id, { keys: found.keys });
      } else missing.push(terminal);
    }
    const candidates = missing.length < this.fewest ? [] : await this.untouched(missing);
    if (candidates.length === 0 || candidates.length < this.fewest) {
      return { terminals, imported, release: async () => {} };
    }
    const { fleet } = this.context;
    await this.onboarding.change?.before(candidates.map(({ id }) => id));
    const file = await DeviceFile.create(fleet.imports, {
      hub: fleet.outputs.hubHostName,
      customer: this.customer,
    });
    this.held.add(file);
    try {
      const made = await importIdentities(candidates, file, this.context);
      for (const [id, identified] of made) imported.set(id, identified);
      this.onboarding.onIdentitiesCreated?.([...made].flatMap(([id, one]) => ("keys" in one ? [id] : [])));
    } catch (error) {
      // A job that nobody was allowed to start has made nothing.
      if (isRefusal(error)) await this.drop(file);
      throw error;
    }
    return { terminals, imported, release: () => this.drop(file) };
  }

  /** Those that no run on this computer has sealed a hand-over for. */
  private async untouched(terminals: Terminal[]): Promise<Terminal[]> {
    const { journal, folder } = this.onboarding;
    const touched = await pMap(
      terminals,
      async ({ id }) => Boolean(await journal.get(id)) || (await folder.digest(id)) !== undefined,
      { concurrency: looksAtOnce },
    );
    return terminals.filter((_, index) => !touched[index]);
  }

  private async recover(): Promise<void> {
    const { fleet, notify, signal } = this.context;
    const hub = fleet.outputs.hubHostName;
    await this.takeOver(hub);
    // A run of this customer's that was killed just now still holds its lease; one that lives goes on holding it.
    if (!(await DeviceFile.isHeldByAnother(fleet.imports, hub, this.customer, this.held))) return;
    notify?.("Another import for this customer is under way, or was killed just now: waiting a little.");
    await systemClock.sleep(leaseSeconds * 1000, signal);
    await this.takeOver(hub);
  }

  private async takeOver(hub: string): Promise<void> {
    for await (const { file, customer } of DeviceFile.takeOverAbandoned(this.context.fleet.imports, hub)) {
      this.held.add(file);
      try {
        const devices = customer === this.customer ? await recoverKeys(file, this.context) : [];
        for (const device of devices) this.recovered.set(device.id, device);
        if (devices.length === 0) await this.drop(file);
      } catch (error) {
        // Who may not look at jobs leaves it to somebody who may.
        if (!isRefusal(error)) throw error;
        this.held.delete(file);
        await file.release();
      }
    }
  }

  private async drop(file: DeviceFile): Promise<void> {
    await file.delete();
    this.held.delete(file);
  }
}

const isRefusal = (error: unknown) => error instanceof OperatorError && error.outcome === "notAllowed";
