import { readFile, rename } from "node:fs/promises";
import {
  type Acknowledgement,
  acknowledgement,
  fileName,
  offerId,
} from "@terminal-fleet/cli/terminal-support";
import pLimit from "p-limit";
import { z } from "zod";
import { writeInPlace } from "./durable-file.ts";

const validUntil = z.iso.datetime();

/**
 * What a terminal remembers of an offer: its last word; or, of a file that has arrived whole and is being put in its
 * place, what its last word will be.
 */
const entry = z.object({ name: fileName, validUntil, arriving: z.boolean(), said: acknowledgement });
const content = z.record(offerId, entry);

export type HandledEntry = z.infer<typeof entry>;

/**
 * A terminal's memory of the offers that it has handled. What it was told is on disk before it goes on, so that after
 * a crash or a power cut no file is delivered twice.
 */
export class Handled {
  private readonly path: string;
  private readonly entries: Map<string, HandledEntry>;
  private readonly serial = pLimit(1);

  private constructor(path: string, entries: Map<string, HandledEntry>) {
    this.path = path;
    this.entries = entries;
  }

  /** Opens the memory in a file; a file that cannot be read is put aside, since a terminal has to work on. */
  static async open(path: string): Promise<Handled> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return new Handled(path, new Map());
    }
    try {
      return new Handled(path, new Map(Object.entries(content.parse(JSON.parse(text)))));
    } catch {
      await rename(path, `${path}.damaged`);
      return new Handled(path, new Map());
    }
  }

  /** The last word on an offer; undefined when it has none. */
  said(id: string): Acknowledgement | undefined {
    const found = this.entries.get(id);
    return found?.arriving === false ? found.said : undefined;
  }

  /** Files that a crash may have stopped on the way to their place. */
  arriving(): [id: string, entry: HandledEntry][] {
    return [...this.entries].filter(([, { arriving }]) => arriving);
  }

  /** Remembers; when it resolves, a power cut does not lose it. */
  put(id: string, remembered: HandledEntry): Promise<void> {
    this.entries.set(id, remembered);
    return this.write();
  }

  /** Forgets offers whose time is over and that are not offered any more: they cannot come back. */
  async forget(offered: ReadonlySet<string>, now: number): Promise<void> {
    let forgotten = false;
    for (const [id, { validUntil }] of this.entries) {
      if (!offered.has(id) && Date.parse(validUntil) < now) forgotten = this.entries.delete(id) || forgotten;
    }
    if (forgotten) await this.write();
  }

  private write(): Promise<void> {
    return this.serial(() => writeInPlace(this.path, JSON.stringify(Object.fromEntries(this.entries))));
  }
}
