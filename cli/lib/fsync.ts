import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { linkError } from "./read-bounded.ts";

/** Codes of file systems that cannot sync a folder. */
const unsupported = new Set(["EINVAL", "ENOTSUP", "ENOSYS"]);

/**
 * Syncs a folder: when it resolves, created, renamed and deleted names in it survive a power failure. Syncing a file saves
 * its content and not its name.
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows does not open folders. Its file system journals renames.
  if (process.platform === "win32") return;
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    // Some network drives do not support it. They write names immediately.
    if (!unsupported.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await folder?.close();
  }
}

const transientCodes = new Set(["EPERM", "EACCES", "EBUSY"]);
const renameWaitMs = 2_000;
const renameRetryMs = 50;

/** Whether Windows may have failed only because another program, such as a virus scanner, has the file open. */
export function isTransientWindowsError(error: unknown): boolean {
  return process.platform === "win32" && transientCodes.has((error as NodeJS.ErrnoException).code ?? "");
}

/** Renames a file, and replaces an existing one. */
export async function replaceFile(from: string, to: string): Promise<void> {
  const deadline = Date.now() + renameWaitMs;
  for (;;) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!isTransientWindowsError(error) || Date.now() > deadline) throw error;
      await sleep(renameRetryMs);
    }
  }
}

/** As `replaceFile`. When it resolves, the rename survives a power failure. The content must be synced before. */
export async function replaceFileDurably(from: string, to: string): Promise<void> {
  await replaceFile(from, to);
  await syncFolder(dirname(to));
}

/**
 * Creates a folder and its missing parents, accessible by their owner only. Node's option `recursive` reports "no such file
 * or directory" for a full or read-only disk (https://github.com/nodejs/node/issues/42808), and does not end below /proc.
 * @returns The outermost folder that was created; undefined when all existed.
 */
export async function createFolders(path: string): Promise<string | undefined> {
  const create = () => mkdir(path, { mode: 0o700 }).then(() => path);
  try {
    return await create();
  } catch (error) {
    if (await isFolder(path)) return undefined;
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const outermost = await createFolders(dirname(path));
  // Another process may have created it at the same time.
  const created = await create().catch(async (error): Promise<undefined> => {
    if (!(await isFolder(path))) throw error;
  });
  return outermost ?? created;
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** As `createFolders`. When it resolves, the folders survive a power failure. */
export async function createFoldersDurably(path: string): Promise<void> {
  const outermost = await createFolders(resolve(path));
  if (outermost === undefined || process.platform === "win32") return;
  for (let created = resolve(path); created.startsWith(outermost); created = dirname(created)) {
    await syncFolder(dirname(created));
  }
}

/** Windows has no such flag. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * Opens a file for reading and writing at any position, and creates it if it is missing, accessible by its owner only.
 * It is not opened for appending, because Windows cannot truncate such a file.
 * @throws OperatorError for a link or a second name of another file, which would be changed in its place.
 */
export async function openReadWrite(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | noFollow, 0o600).catch((error) => {
    throw (error as NodeJS.ErrnoException).code === "ELOOP" ? linkError(path) : error;
  });
  const { nlink } = await file.stat();
  if (nlink === 1) return file;
  await file.close();
  throw linkError(path);
}

/**
 * Creates a file for writing, accessible by its owner only. What has this name already is removed first, so that nothing
 * is written through a link.
 */
export async function createFile(path: string): Promise<FileHandle> {
  const create = () => open(path, "wx", 0o600);
  try {
    return await create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await rm(path, { force: true });
    return create();
  }
}

/** Writes all bytes at a position of a file. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
