import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
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

/** A way of its own to the services, so that many runs go on at once, each with its own faults. */
export class Lane {
  readonly proxy: AzureProxy;
  /** Called for each request that comes through, with its number. */
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

  /** What a process needs to work through this lane. */
  get env(): Record<string, string> {
    return { ...this.fleet.env, HTTPS_PROXY: this.proxy.url };
  }

  /** An operator's connection through this lane. */
  connect(): Promise<Fleet> {
    return this.fleet.connect({ ...this.fleet.network, proxyUrl: this.proxy.url });
  }

  /** One run of onboarding in this process. What it throws is in `error`. */
  async onboard(
    desk: Desk,
    fleet: Fleet,
    options: { importMode?: ImportMode; signal?: AbortSignal } = {},
  ): Promise<{ results: TerminalResult[]; error: unknown }> {
    const results: TerminalResult[] = [];
    let journal: Journal | undefined;
    try {
      journal = await Journal.open(this.fleet.journalOf(desk.batch));
      const batch = await checkBatch(desk.batch, { onProblem: ({ reason }) => Promise.reject(reason) });
      if (!batch) throw new Error("The batch is wrong.");
      const folder = new BundleFolder(desk.out);
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

  close(): Promise<void> {
    return this.proxy.close();
  }
}

/**
 * Makes writing a terminal's hand-over fail with ENOSPC, as on a full disk, if it was not begun yet: what was begun
 * is read again, and /dev/full has no end.
 * @returns What makes room again.
 */
export function fillDisk(desk: Desk, terminal: string, journal: string): () => void {
  const path = join(desk.out, `.${terminal}.age.partial`);
  const begun = existsSync(journal) && readFileSync(journal, "utf8").includes(`"${terminal}"`);
  if (begun || existsSync(path)) return () => {};
  mkdirSync(desk.out, { recursive: true });
  symlinkSync("/dev/full", path);
  return () => rmSync(path);
}
