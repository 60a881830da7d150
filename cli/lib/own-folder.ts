import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { dirname, join, parse, resolve, sep } from "node:path";
import { t } from "../words/translate.ts";
import { OperatorError } from "./operator-error.ts";
import { quote } from "./quote.ts";

/*
 * Who else can change a folder, or lead a path elsewhere. It follows the rules of sshd's StrictModes for the path of
 * authorized_keys: the owner of each part is this account or root, and no other account can write. Access control lists
 * are not visible to Node, and neither are the permissions of Windows.
 */

/** Most links on a path, as Linux (path_resolution(7)). */
const maxLinks = 40;

/** Identifies a folder, whatever its path leads to later. */
export interface FolderIdentity {
  dev: number;
  ino: number;
}

/**
 * Checks a folder before secrets are written into it: it is no link, it belongs to this account or root, other accounts
 * cannot write into it, and none of the folders and links that lead to it can be changed by others.
 * @param options.allowMissing Checks only the part of the path that exists. Default false.
 * @returns The identity of the folder; undefined when it does not exist.
 * @throws OperatorError that names the part of the path and the remedy; NodeJS.ErrnoException when it cannot be read.
 */
export async function checkOwnFolder(
  path: string,
  options: { allowMissing?: boolean } = {},
): Promise<FolderIdentity | undefined> {
  const target = resolve(path);
  const found = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error) && options.allowMissing) return undefined;
    throw error;
  });
  // On Windows, junctions count as links too.
  if (found?.isSymbolicLink()) throw folderLinkError(path, await readlink(target));
  if (process.platform !== "win32") {
    await checkPath(dirname(target));
    if (found?.isDirectory()) checkFolder(target, found);
  }
  return found && { dev: found.dev, ino: found.ino };
}

/** Whether a path still leads to the folder that was checked. */
export async function expectSameFolder(path: string, expected: FolderIdentity): Promise<void> {
  const { dev, ino } = await lstat(path);
  if (dev === expected.dev && ino === expected.ino) return;
  throw new OperatorError("failed", t`${path} was replaced by another folder during the run`, {
    remedy: t`Find out who replaced it. Use a folder below your home folder, and run this again.`,
  });
}

/** Checks each folder and link on an absolute path. A part that does not exist ends the check. */
async function checkPath(path: string): Promise<void> {
  const parts = path.split(sep).filter((part) => part !== "");
  let current = parse(path).root;
  for (let links = 0; ; ) {
    const stats = await lstat(current).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (!stats) return;
    if (stats.isSymbolicLink()) {
      if (!isOwn(stats)) throw foreignError(current, "link");
      if (++links > maxLinks) return;
      const rest = resolve(dirname(current), await readlink(current));
      parts.unshift(...rest.split(sep).filter((part) => part !== ""));
      current = parse(rest).root;
      continue;
    }
    checkParent(current, stats);
    const next = parts.shift();
    if (next === undefined) return;
    current = join(current, next);
  }
}

const isMissing = ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR";
const isSticky = ({ mode }: Stats) => (mode & 0o1000) !== 0;
const isOwn = ({ uid }: Stats) => uid === 0 || uid === process.getuid?.();

/** A folder on the way: an account that can rename its entries can put another folder in place of the checked one. */
function checkParent(path: string, stats: Stats): void {
  // In containers, root works in folders of the account that started them.
  if (!isOwn(stats) && process.getuid?.() !== 0) throw foreignError(path, "folder");
  if (isSticky(stats)) return;
  // Where each account has a group of its own, of the same number, folders are writable for it by default (umask 002).
  const isPrivateGroup = stats.gid === stats.uid;
  if ((stats.mode & (isPrivateGroup ? 0o002 : 0o022)) !== 0) throw writableError(path, stats);
}

function checkFolder(path: string, stats: Stats): void {
  if (!isOwn(stats)) throw foreignError(path, "folder");
  if ((stats.mode & 0o022) !== 0 && !isSticky(stats)) throw writableError(path, stats);
}

function folderLinkError(path: string, target: string): OperatorError {
  return new OperatorError("usage", t`${path} is a link to ${target}`, {
    remedy: t`Name the folder itself, if it is the one that you mean.`,
  });
}

function foreignError(path: string, what: "folder" | "link"): OperatorError {
  const message =
    what === "link"
      ? t`the link ${path} belongs to another account, which can replace it`
      : t`the folder ${path} belongs to another account, which can replace it`;
  return new OperatorError("usage", message, {
    remedy: t`Use a folder below your home folder.`,
  });
}

function writableError(path: string, { mode }: Stats): OperatorError {
  const message =
    (mode & 0o002) !== 0
      ? t`${path} can be written by every account of this computer`
      : t`${path} can be written by other accounts of its group`;
  return new OperatorError("usage", message, {
    remedy: t`Use a folder that only you can write, or take the right away: chmod go-w ${quote(path, "FOLDER")}`,
  });
}
