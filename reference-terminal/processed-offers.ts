import { readFile, rename } from "node:fs/promises";
import {
  type Acknowledgement,
  acknowledgement,
  fileName,
  offerId,
} from "@terminal-fleet/cli/terminal-support";
import pLimit from "p-limit";
import { z } from "zod";
import { writeFileDurably } from "./durable-file.ts";

const validUntil = z.iso.datetime();

/** A processed offer in the file. */
const entry = z.object({
  name: fileName,
  validUntil,
  /** True while a complete download is moved to its final place. */
  arriving: z.boolean(),
  /** The acknowledgement; while `arriving`, the one that follows. */
  said: acknowledgement,
});
const content = z.record(offerId, entry);

export type ProcessedOffer = z.infer<typeof entry>;

/**
 * The terminal's record of offers that it has processed. It is on disk before the next step, so that after a crash or a
 * power failure no file is delivered twice.
 */
export class ProcessedOffers {
  private readonly path: string;
  private readonly entries: Map<string, ProcessedOffer>;
  private readonly serial = pLimit(1);

  private constructor(path: string, entries: Map<string, ProcessedOffer>) {
    this.path = path;
    this.entries = entries;
  }

  /** Opens the record. A damaged file is renamed, and the record starts empty: the terminal must continue to work. */
  static async open(path: string): Promise<ProcessedOffers> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return new ProcessedOffers(path, new Map());
    }
    try {
      return new ProcessedOffers(path, new Map(Object.entries(content.parse(JSON.parse(text)))));
    } catch {
      await rename(path, `${path}.damaged`);
      return new ProcessedOffers(path, new Map());
    }
  }

  /** The final acknowledgement of an offer; undefined when it is not processed. */
  acknowledgementOf(id: string): Acknowledgement | undefined {
    const found = this.entries.get(id);
    return found?.arriving === false ? found.said : undefined;
  }

  /** Complete downloads that may not be in their final place, because of a crash. */
  listArriving(): [id: string, entry: ProcessedOffer][] {
    return [...this.entries].filter(([, { arriving }]) => arriving);
  }

  /** Records an offer. When it resolves, the entry survives a power failure. */
  record(id: string, processed: ProcessedOffer): Promise<void> {
    this.entries.set(id, processed);
    return this.write();
  }

  /** Removes expired offers that are no longer in the twin: they cannot be offered again. */
  async removeExpired(offered: ReadonlySet<string>, now: number): Promise<void> {
    const expired = [...this.entries].filter(
      ([id, { validUntil }]) => !offered.has(id) && Date.parse(validUntil) < now,
    );
    for (const [id] of expired) this.entries.delete(id);
    if (expired.length > 0) await this.write();
  }

  private write(): Promise<void> {
    return this.serial(() => writeFileDurably(this.path, JSON.stringify(Object.fromEntries(this.entries))));
  }
}
