import { createHash, randomUUID } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../lib/errors.ts";
import { fileError, reasonOf } from "../lib/file-errors.ts";
import { makeFolders, replaceFile, syncFolder } from "../lib/fsync.ts";

/** More than any sealed hand-over has. */
const handoverBytes = 4096;

/** The folder that sealed hand-overs go to: one file a terminal, TERMINAL.age, for its owner alone to read. */
export class BundleFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder if it is not there, and tries whether a hand-over can be written to it: better before anything is
   * made at Azure that has nowhere to go.
   * @throws OperatorError when it cannot be.
   */
  async make(): Promise<void> {
    try {
      await makeFolders(this.path);
    } catch (error) {
      throw fileError(this.path, "made", error);
    }
    const probe = join(this.path, `.${randomUUID()}.partial`);
    try {
      await using file = await open(probe, "wx", 0o600);
      await file.writeFile(Buffer.alloc(handoverBytes));
      await file.datasync();
    } catch (error) {
      throw fileError(this.path, "written", error);
    } finally {
      await rm(probe, { force: true }).catch(() => {});
    }
  }

  /**
   * For who only looks: a folder that is not there yet holds no hand-over.
   * @throws OperatorError when it is something else than a folder.
   */
  async look(): Promise<void> {
    const found = await stat(this.path).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(this.path, "read", error);
    });
    if (found && !found.isDirectory()) throw new OperatorError("usage", `${this.path} is not a folder`);
  }

  file(terminal: string): string {
    return join(this.path, `${terminal}.age`);
  }

  /** Base64 of SHA-256 of a terminal's hand-over; undefined when it is not there. */
  async digest(terminal: string): Promise<string | undefined> {
    return digestOf(this.file(terminal));
  }

  /**
   * Writes a sealed hand-over under a passing name, safe from a power cut.
   * @returns Base64 of its SHA-256.
   * @throws OperatorError when it cannot be written, as on a full disk.
   */
  async stage(terminal: string, sealed: Uint8Array): Promise<string> {
    await this.told(async () => {
      await using file = await open(this.staged(terminal), "w", 0o600);
      await file.writeFile(sealed);
      await file.datasync();
    });
    return createHash("sha256").update(sealed).digest("base64");
  }

  /** Gives staged hand-overs their names, safe from a power cut. */
  async publish(terminals: string[]): Promise<void> {
    await this.told(async () => {
      for (const terminal of terminals) await replaceFile(this.staged(terminal), this.file(terminal));
      await syncFolder(this.path);
    });
  }

  /** Publishes a staged hand-over that an interrupted run left, if it is the one with this digest. */
  async finish(terminal: string, digest: string): Promise<boolean> {
    if ((await digestOf(this.staged(terminal))) !== digest) return false;
    await this.publish([terminal]);
    return true;
  }

  async remove(terminal: string): Promise<void> {
    await rm(this.file(terminal), { force: true });
  }

  /** Takes the name of a hand-over away from one whose keys do not work; returns what it is called now. */
  async setAside(terminal: string): Promise<string> {
    const aside = `${this.file(terminal)}.outdated`;
    await this.told(() => replaceFile(this.file(terminal), aside));
    return aside;
  }

  private async told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new OperatorError("failed", `${this.path} cannot be written: ${reasonOf(error)}`, {
        remedy: "Make room on the disk, or see to the folder's rights, and run this again: it continues.",
        cause: error,
      });
    }
  }

  private staged(terminal: string): string {
    return join(this.path, `.${terminal}.age.partial`);
  }
}

async function digestOf(file: string): Promise<string | undefined> {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("base64");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError(file, "read", error);
  }
}
