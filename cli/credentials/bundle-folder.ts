import { randomUUID } from "node:crypto";
import { type FileHandle, lstat, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileError, reasonOf } from "../lib/file-errors.ts";
import { createFile, createFolders, replaceFile, syncFolder } from "../lib/fsync.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { checkOwnFolder, expectSameFolder, type FolderIdentity } from "../lib/own-folder.ts";
import { fileKinds, linkError, readBounded } from "../lib/read-bounded.ts";
import { sha256Base64 } from "../lib/sha256.ts";
import { t } from "../words/translate.ts";

/** Larger than any sealed credential bundle. */
const bundleBytes = 4096;

/** The folder for sealed credential bundles: one file per terminal, TERMINAL.age, readable by its owner only. */
export class BundleFolder {
  readonly path: string;
  /** The folder that was checked; undefined before `prepare`. */
  private identity: FolderIdentity | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Creates the folder if it is missing, and checks that a bundle can be written. It runs before anything is created in
   * Azure, so that no terminal is left without its bundle.
   * @throws OperatorError when it cannot be created or written, is a link, or can be changed by other accounts.
   */
  async prepare(): Promise<void> {
    await this.check();
    try {
      await createFolders(this.path);
    } catch (error) {
      throw fileError(this.path, "made", error);
    }
    this.identity = await this.check();
    const probe = join(this.path, `.${randomUUID()}.partial`);
    try {
      await using file = await open(probe, "wx", 0o600);
      await file.writeFile(Buffer.alloc(bundleBytes));
      await file.datasync();
    } catch (error) {
      throw fileError(this.path, "written", error);
    } finally {
      await rm(probe, { force: true }).catch(() => {});
    }
  }

  /**
   * Read-only: a missing folder counts as empty.
   * @throws OperatorError when the path is no folder, cannot be read, or is one that `prepare` rejects.
   */
  async expectReadable(): Promise<void> {
    await this.check();
    const found = await stat(this.path).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(this.path, "read", error);
    });
    if (found && !found.isDirectory()) throw new OperatorError("usage", t`${this.path} is not a folder`);
  }

  /** The path of a terminal's bundle. */
  file(terminal: string): string {
    return join(this.path, `${terminal}.age`);
  }

  /** Base64 of SHA-256 of a terminal's bundle; undefined when there is none. */
  async digest(terminal: string): Promise<string | undefined> {
    return digestFile(this.file(terminal));
  }

  /**
   * Writes a sealed bundle under a temporary name. When it resolves, the content survives a power failure.
   * @returns Base64 of its SHA-256.
   * @throws OperatorError when it cannot be written, for example on a full disk.
   */
  async stage(terminal: string, sealed: Uint8Array): Promise<string> {
    await this.write(async () => {
      await using file = await this.createStaged(terminal);
      await file.writeFile(sealed);
      await file.datasync();
    });
    return sha256Base64(sealed);
  }

  /** Creates the file of a staged bundle. A test replaces it to write to a full disk. */
  protected createStaged(terminal: string): Promise<FileHandle> {
    return createFile(this.staged(terminal));
  }

  /** Removes a staged bundle, also an incomplete one. It is no error when there is none. */
  async removeStaged(terminal: string): Promise<void> {
    await rm(this.staged(terminal), { force: true });
  }

  /** Renames staged bundles to their final names. When it resolves, the names survive a power failure. */
  async publish(terminals: string[]): Promise<void> {
    await this.write(async () => {
      for (const terminal of terminals) await replaceFile(this.staged(terminal), this.file(terminal));
      await syncFolder(this.path);
    });
  }

  /** Publishes the staged bundle of an interrupted run. @returns False when there is none with this digest. */
  async publishStaged(terminal: string, digest: string): Promise<boolean> {
    if ((await digestFile(this.staged(terminal))) !== digest) return false;
    await this.publish([terminal]);
    return true;
  }

  async remove(terminal: string): Promise<void> {
    await rm(this.file(terminal), { force: true });
  }

  /** Renames a bundle with invalid keys, so that it is not installed. @returns Its new path. */
  async setAside(terminal: string): Promise<string> {
    const aside = `${this.file(terminal)}.outdated`;
    await this.write(() => replaceFile(this.file(terminal), aside));
    return aside;
  }

  private async check(): Promise<FolderIdentity | undefined> {
    try {
      return await checkOwnFolder(this.path, { allowMissing: true });
    } catch (error) {
      throw error instanceof OperatorError ? error : fileError(this.path, "read", error);
    }
  }

  private async write(work: () => Promise<void>): Promise<void> {
    try {
      if (this.identity) await expectSameFolder(this.path, this.identity);
      await work();
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError("failed", t`${this.path} cannot be written: ${reasonOf(error)}`, {
        remedy: t`Free disk space or correct the folder's permissions, and run this again: it continues.`,
        cause: error,
      });
    }
  }

  private staged(terminal: string): string {
    return join(this.path, `.${terminal}.age.partial`);
  }
}

async function digestFile(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw fileError(path, "read", error);
  });
  if (!found) return undefined;
  if (!found.isFile()) throw linkError(path);
  return sha256Base64(await readBounded(path, fileKinds.bundle, { noFollow: true }));
}
