import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Acknowledgement, Clock, NetworkSettings, Offer } from "@terminal-fleet/cli/terminal-support";
import { Backoff } from "@terminal-fleet/cli/terminal-support";
import pLimit from "p-limit";
import { deliver } from "./deliver.ts";
import type { TerminalLog } from "./log.ts";
import type { Handled } from "./processed-offers.ts";
import { partialId, putInPlace, receive } from "./receive.ts";
import { transferFailure, Unfit } from "./transfer-failure.ts";

/**
 * A terminal's work on its offers: one transfer at a time, however often it is told of them. One that fails for now
 * is tried again later and does not hold up the others.
 */
export class FileWork {
  private readonly folder: string;
  private readonly network: NetworkSettings;
  private readonly handled: Handled;
  private readonly log: TerminalLog;
  private readonly patience: { firstMs: number; longestMs: number };
  private readonly clock: Clock;
  private readonly onHandled: (id: string, said: Acknowledgement, offer: Offer) => void;
  private readonly underWay = new Map<string, { stop: AbortController; work: Promise<void> }>();
  private readonly serial = pLimit(1);

  /**
   * @param options.folder The terminal's own: files arrive in its folder `received`, and are delivered from `outgoing`.
   * @param options.patience The waiting after failures of one offer.
   * @param options.onHandled Called when an offer has its last word, which is remembered by then.
   */
  constructor(options: {
    folder: string;
    network: NetworkSettings;
    handled: Handled;
    log: TerminalLog;
    patience: { firstMs: number; longestMs: number };
    clock: Clock;
    onHandled: (id: string, said: Acknowledgement, offer: Offer) => void;
  }) {
    this.folder = options.folder;
    this.network = options.network;
    this.handled = options.handled;
    this.log = options.log;
    this.patience = options.patience;
    this.clock = options.clock;
    this.onHandled = options.onHandled;
  }

  /** Finishes what a crash stopped between arriving and being in its place. */
  async recover(): Promise<void> {
    for (const [id, { said, validUntil, name }] of this.handled.arriving()) {
      await putInPlace(this.folder, id, name);
      await this.handled.put(id, { said, validUntil, name, arriving: false });
    }
  }

  /** Sees to it that exactly these offers are worked on: begins with new ones, stops those that are withdrawn. */
  setOpen(open: ReadonlyMap<string, Offer>): void {
    for (const [id, { stop }] of this.underWay) if (!open.has(id)) stop.abort();
    for (const [id, offer] of open) {
      if (this.underWay.has(id)) continue;
      const stop = new AbortController();
      const work = this.handle(id, offer, stop.signal).finally(() => this.underWay.delete(id));
      this.underWay.set(id, { stop, work });
    }
    void this.tidy();
  }

  /** Stops all work; resolves when nothing is under way. What is half done continues after the next start. */
  async stop(): Promise<void> {
    for (const { stop } of this.underWay.values()) stop.abort();
    await Promise.all([...this.underWay.values()].map(({ work }) => work));
  }

  private async handle(id: string, offer: Offer, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ clock: this.clock, range: this.patience });
    while (!signal.aborted) {
      const attempt = backoff.failures + 1;
      const said = await this.serial(() => this.attempt(id, offer, attempt, signal)).catch((error) => {
        // The memory cannot be written: what is not remembered is not done.
        this.log(
          `${offer.name} (${id}): ${(error as NodeJS.ErrnoException).code ?? "failed"}, will be tried again`,
        );
        return undefined;
      });
      if (said) {
        this.log(
          `${offer.direction} of ${offer.name} (${id}): ${said.state === "done" ? "done" : said.reason}`,
        );
        this.onHandled(id, said, offer);
        return;
      }
      await backoff.wait(signal);
    }
  }

  /** @returns The last word, when this attempt led to one. */
  private async attempt(
    id: string,
    offer: Offer,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Acknowledgement | undefined> {
    if (signal.aborted) return undefined;
    const { validUntil, name } = offer;
    let said: Acknowledgement;
    try {
      if (Date.parse(validUntil) <= this.clock.now()) throw new Unfit("expired");
      const content =
        offer.direction === "download"
          ? await receive(this.folder, id, offer, this.network, signal)
          : await deliver(this.folder, offer, this.network, signal);
      said = { state: "done", ...content, at: this.now() };
      if (offer.direction === "download") {
        await this.handled.put(id, { said, validUntil, name, arriving: true });
        await putInPlace(this.folder, id, name);
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      const { reason, tries, code } = transferFailure(error);
      if (!reason || attempt < tries) {
        this.log(`${offer.direction} of ${name} (${id}): ${code}, will be tried again`);
        return undefined;
      }
      said = { state: "failed", reason, at: this.now() };
    }
    await this.handled.put(id, { said, validUntil, name, arriving: false });
    return said;
  }

  /** Deletes what arrived of files that nobody offers any more. */
  private async tidy(): Promise<void> {
    const arriving = new Set(this.handled.arriving().map(([id]) => id));
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const id = partialId(name);
      if (id && !this.underWay.has(id) && !arriving.has(id))
        await rm(join(this.folder, name)).catch(() => {});
    }
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
