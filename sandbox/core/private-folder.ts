import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";

/**
 * Creates a folder that only this user can read, or makes an existing folder so. Windows: creates the folder only.
 * @throws When another user owns the folder.
 */
export function makePrivateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return;
  const { uid, mode } = statSync(dir);
  if (uid !== process.getuid?.()) {
    throw new Error(`The folder ${dir} belongs to another user (${uid}). Choose another folder.`);
  }
  if (mode & 0o077) chmodSync(dir, 0o700);
}

/**
 * Rejects a symbolic link, and a file or folder that another user owns or can write to.
 * @param path An existing file or folder.
 */
export function verifyOwned(path: string): void {
  if (process.platform === "win32") return;
  const found = lstatSync(path);
  if (!found.isSymbolicLink() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return;
  throw new Error(
    `${path} must belong to you, and other users must not be able to write to it. Check its owner with ls -ld, then run chmod go-w.`,
  );
}
