import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Acknowledgement,
  Backoff,
  type BackoffRange,
  type Clock,
  doctorReportName,
  type NetworkSettings,
  type Offer,
} from "@terminal-fleet/cli/terminal-support";
import pLimit from "p-limit";
import { deliverFile, writeReport } from "./deliver.ts";
import type { TerminalLog } from "./log.ts";
import type { ProcessedOffers } from "./processed-offers.ts";
import { moveToReceived, offerIdOfPartial, receiveFile } from "./receive.ts";
import { classifyFailure, TransferError } from "./transfer-failure.ts";

/** Checks the terminal's network, and returns the report as JSON can hold it. */
export type Doctor = (signal: AbortSignal) => Promise<object>;

/** Options of an offer processor. */
export interface OfferProcessorOptions {
  /** The terminal's folder: downloads are stored in its folder `received`, uploads are read from `outgoing`. */
  folder: string;
  network: NetworkSettings;
  processed: ProcessedOffers;
  log: TerminalLog;
  /** Waits after failed attempts of one offer. */
  backoff: BackoffRange;
  clock: Clock;
  /** Writes the report that is requested as `doctor.json`; default: the file is delivered as it is. */
  doctor?: Doctor;
  /** Called when the final acknowledgement of an offer is recorded. */
  onProcessed: (id: string, acknowledgement: Acknowledgement, offer: Offer) => void;
}

/** Processes the terminal's offers, one transfer at a time. An offer that fails is retried later, after the others. */
export class OfferProcessor {
  private readonly options: OfferProcessorOptions;
  private readonly active = new Map<string, { stop: AbortController; work: Promise<void> }>();
  private readonly serial = pLimit(1);

  constructor(options: OfferProcessorOptions) {
    this.options = options;
  }

  /** Moves complete downloads to their final place, which a crash has interrupted. */
  async recover(): Promise<void> {
    const { folder, processed } = this.options;
    for (const [id, entry] of processed.listArriving()) {
      await moveToReceived(folder, id, entry.name);
      await processed.record(id, { ...entry, arriving: false });
    }
  }

  /** Sets the offers to process: starts new ones, and stops those that were withdrawn. */
  setOffers(offers: ReadonlyMap<string, Offer>): void {
    for (const [id, { stop }] of this.active) if (!offers.has(id)) stop.abort();
    for (const [id, offer] of offers) {
      if (this.active.has(id)) continue;
      const stop = new AbortController();
      const work = this.process(id, offer, stop.signal).finally(() => this.active.delete(id));
      this.active.set(id, { stop, work });
    }
    void this.deleteAbandoned();
  }

  /** Stops all transfers, and resolves when they have ended. The next start continues them. */
  async stop(): Promise<void> {
    for (const { stop } of this.active.values()) stop.abort();
    await Promise.all([...this.active.values()].map(({ work }) => work));
  }

  private async process(id: string, offer: Offer, signal: AbortSignal): Promise<void> {
    const { log, clock, backoff: range, onProcessed } = this.options;
    const backoff = new Backoff({ clock, range });
    while (!signal.aborted) {
      const attempt = () => this.attempt(id, offer, backoff.failures + 1, signal);
      const final = await this.serial(attempt).catch((error) => {
        // The record of processed offers cannot be written, so the offer does not count as processed.
        log(`${offer.name} (${id}): ${(error as NodeJS.ErrnoException).code ?? "failed"}, will be retried`);
        return undefined;
      });
      if (final) {
        log(`${offer.direction} of ${offer.name} (${id}): ${final.state === "done" ? "done" : final.reason}`);
        onProcessed(id, final, offer);
        return;
      }
      await backoff.wait(signal);
    }
  }

  /** @returns The final acknowledgement; undefined when the attempt is to be repeated. */
  private async attempt(
    id: string,
    offer: Offer,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Acknowledgement | undefined> {
    if (signal.aborted) return undefined;
    const { processed, log } = this.options;
    let final: Acknowledgement;
    try {
      final = await this.transfer(id, offer, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      const { reason, attempts, code } = classifyFailure(error);
      if (!reason || attempt < attempts) {
        log(`${offer.direction} of ${offer.name} (${id}): ${code}, will be retried`);
        return undefined;
      }
      final = { state: "failed", reason, at: this.now() };
    }
    const { validUntil, name } = offer;
    await processed.record(id, { said: final, validUntil, name, arriving: false });
    return final;
  }

  private async transfer(id: string, offer: Offer, signal: AbortSignal): Promise<Acknowledgement> {
    const { folder, network, processed, clock, doctor } = this.options;
    const { validUntil, name } = offer;
    if (Date.parse(validUntil) <= clock.now()) throw new TransferError("expired");
    if (offer.direction === "upload") {
      if (name === doctorReportName && doctor) await writeReport(folder, await doctor(signal));
      const uploaded = await deliverFile(folder, offer, network, signal);
      return { state: "done", ...uploaded, at: this.now() };
    }
    const downloaded = await receiveFile(folder, id, offer, network, signal);
    const done: Acknowledgement = { state: "done", ...downloaded, at: this.now() };
    await processed.record(id, { said: done, validUntil, name, arriving: true });
    await moveToReceived(folder, id, name);
    return done;
  }

  /** Deletes partial downloads of offers that no longer exist. */
  private async deleteAbandoned(): Promise<void> {
    const { folder, processed } = this.options;
    const arriving = new Set(processed.listArriving().map(([id]) => id));
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const id = offerIdOfPartial(name);
      if (id && !this.active.has(id) && !arriving.has(id)) await rm(join(folder, name)).catch(() => {});
    }
  }

  private now(): string {
    return new Date(this.options.clock.now()).toISOString();
  }
}
