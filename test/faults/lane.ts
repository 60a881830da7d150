import { type FileHandle, open } from "node:fs/promises";
import type { AzureProxy } from "@terminal-fleet/sandbox/testing";
import type { Fleet } from "../../cli/azure/fleet.ts";
import { BundleFolder } from "../../cli/credentials/bundle-folder.ts";
import { sealer } from "../../cli/credentials/seal.ts";
import { checkBatch } from "../../cli/onboarding/batch-file/batch.ts";
import type { ImportMode } from "../../cli/onboarding/import-scheduler.ts";
import { Inventory } from "../../cli/onboarding/inventory.ts";
import { Journal } from "../../cli/onboarding/journal.ts";
import { onboard } from "../../cli/onboarding/onboard.ts";
import type { TerminalResult } from "../../cli/onboarding/onboard-chunk.ts";
import type { DeployedFleet } from "../cli/fleet-harness.ts";
import type { Desk } from "../cli/onboarding/onboarding-desk.ts";

/** A proxy of its own to the services, so that several scenarios run at a time, each with its own faults. */
export class Lane implements AsyncDisposable {
  readonly proxy: AzureProxy;
  /** Called for each request with its number, from 1. */
  onRequest: (number: number) => void = () => {};
  private readonly fleet: DeployedFleet;

  private constructor(fleet: DeployedFleet, proxy: AzureProxy) {
    this.fleet = fleet;
    this.proxy = proxy;
    let requests = 0;
    const pick = proxy.faults.pick.bind(proxy.faults);
    proxy.faults.pick = (...target) => {
      this.onRequest(++requests);
      return pick(...target);
    };
  }

  static async open(fleet: DeployedFleet): Promise<Lane> {
    return new Lane(fleet, await fleet.startAnotherProxy());
  }

  /** The environment of a process that works through this lane. */
  get env(): Record<string, string> {
    return { ...this.fleet.env, HTTPS_PROXY: this.proxy.url };
  }

  /** An operator's connection through this lane. */
  connect(): Promise<Fleet> {
    return this.fleet.connect({ ...this.fleet.network, proxyUrl: this.proxy.url });
  }

  /**
   * Runs onboarding once in this process.
   * @param settings.fullDiskFor A terminal whose credential bundle finds the disk full; default none.
   * @returns The results so far, and the error that ended the run.
   */
  async onboard(
    desk: Desk,
    fleet: Fleet,
    settings: { importMode?: ImportMode; signal?: AbortSignal; fullDiskFor?: string } = {},
  ): Promise<{ results: TerminalResult[]; error: unknown }> {
    const { fullDiskFor, ...options } = settings;
    const results: TerminalResult[] = [];
    let journal: Journal | undefined;
    try {
      journal = await Journal.open(this.fleet.journalOf(desk.batch));
      const batch = await checkBatch(desk.batch, { onProblem: ({ reason }) => Promise.reject(reason) });
      if (!batch) throw new Error("The batch file is invalid.");
      const folder = new FullDiskFolder(desk.out, fullDiskFor);
      await folder.prepare();
      const inventory = new Inventory(batch.customer, fleet);
      const seal = sealer({ recipients: [desk.recipient] });
      const onResult = (result: TerminalResult) => results.push(result);
      await onboard(batch, { fleet, journal, folder, inventory, seal }, { onResult, ...options });
      return { results, error: undefined };
    } catch (error) {
      return { results, error };
    } finally {
      await journal?.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.proxy.close();
  }
}

/** Writes the credential bundle of one terminal to /dev/full, where writing fails as on a full disk. */
class FullDiskFolder extends BundleFolder {
  private readonly terminal: string | undefined;

  constructor(path: string, terminal: string | undefined) {
    super(path);
    this.terminal = terminal;
  }

  protected override createStaged(terminal: string): Promise<FileHandle> {
    return terminal === this.terminal ? open("/dev/full", "w") : super.createStaged(terminal);
  }
}
