import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const cannotSync = new Set(["EINVAL", "ENOTSUP", "ENOSYS"]);

/**
 * Makes what a folder lists survive a power cut: files that were made, renamed or removed in it. Syncing a file saves
 * its content, not its name.
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; there, renaming is journaled by the file system.
  if (process.platform === "win32") return;
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    // Some network drives cannot; they write names at once.
    if (!cannotSync.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await folder?.close();
  }
}

const passing = new Set(["EPERM", "EACCES", "EBUSY"]);
const longestWaitMs = 2_000;

/** Whether Windows may say this of a file only because somebody else, such as a virus scanner, has it open at the moment. */
export function isTransientWindowsError(error: unknown): boolean {
  return process.platform === "win32" && passing.has((error as NodeJS.ErrnoException).code ?? "");
}

/** Renames a file, replacing what has the name. */
export async function replaceFile(from: string, to: string): Promise<void> {
  const deadline = Date.now() + longestWaitMs;
  for (;;) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!isTransientWindowsError(error) || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

/** The same, and when it resolves, that survives a power cut. Its content must be synced already. */
export async function moveInPlace(from: string, to: string): Promise<void> {
  await replaceFile(from, to);
  await syncFolder(dirname(to));
}

/**
 * Makes a folder, and those it lies in, for its owner alone. Node's own way, `recursive`, says "no such file or
 * directory" of a disk that is full or cannot be written (https://github.com/nodejs/node/issues/42808), and below /proc it
 * never ends.
 * @returns The outermost folder that was made; undefined when all were there.
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const make = () => mkdir(path, { mode: 0o700 }).then(() => path);
  try {
    return await make();
  } catch (error) {
    if (await isFolder(path)) return undefined;
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const outermost = await makeFolders(dirname(path));
  // Somebody else may have made it meanwhile.
  const made = await make().catch(async (error): Promise<undefined> => {
    if (!(await isFolder(path))) throw error;
  });
  return outermost ?? made;
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The same; when it resolves, they survive a power cut. */
export async function makeFolder(path: string): Promise<void> {
  const first = await makeFolders(resolve(path));
  if (first === undefined || process.platform === "win32") return;
  for (let made = resolve(path); made.startsWith(first); made = dirname(made))
    await syncFolder(dirname(made));
}

/**
 * Opens a file for reading and writing at any place, and makes it when it is not there; readable for its owner alone.
 * Windows lets nobody shorten a file that is open for appending.
 */
export function openForChanges(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

/** Writes all of it at a place in a file. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
