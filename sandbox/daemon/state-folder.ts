import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockFolder } from "../core/folder-lock.ts";
import { makePrivateFolder } from "../core/private-folder.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";

/** What of a sandbox's folder is state: not its ports, its log, its lock and the sign-ins of the Azure CLI. */
const stateFiles = /^(azurite|proxy|pulumi|state\.sqlite(-wal)?|Pulumi\..+\.yaml)$/;
const exportMarker = "sandbox-export.json";
const formatVersion = 1;

/**
 * Copies the state of a stopped sandbox into a folder, in place of an earlier export. The copy contains keys.
 * @returns The absolute path of the folder.
 * @throws When the folder contains other files, the sandbox runs, or there is no state.
 */
export function exportState(directory: SandboxDirectory, folder: string): string {
  const target = resolve(folder);
  if (!existsSync(join(directory.dir, "state.sqlite"))) {
    throw new Error(`There is no state to export: no sandbox was started in ${directory.dir}.`);
  }
  checkExportTarget(target);
  const release = lockFolder(directory.dir);
  try {
    const partial = `${target}.${process.pid}`;
    makePrivateFolder(partial);
    copyState(directory.dir, partial);
    writeFileSync(join(partial, exportMarker), `${JSON.stringify({ version: formatVersion })}\n`, {
      mode: 0o600,
    });
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } finally {
    release();
  }
  return target;
}

/** @throws When the folder has files that are not an earlier export. */
export function checkExportTarget(folder: string): void {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  if (present.length === 0 || present.includes(exportMarker)) return;
  throw new Error(`The folder ${folder} contains other files. Export into an empty folder, or a new one.`);
}

/**
 * Copies an export into the folder of a sandbox without state.
 * @throws When the folder is not an export, or the sandbox has state.
 */
export function importState(directory: SandboxDirectory, folder: string): void {
  const source = resolve(folder);
  const { version } = readMarker(source);
  if (version !== formatVersion) {
    throw new Error(
      `${source} was exported by another version of the sandbox (format ${version}, not ${formatVersion}). Export it with this version.`,
    );
  }
  if (existsSync(join(directory.dir, "state.sqlite"))) {
    throw new Error(
      `The sandbox in ${directory.dir} has state already. Delete it with reset, or choose another folder with --dir.`,
    );
  }
  const release = lockFolder(directory.dir);
  try {
    copyState(source, directory.dir);
  } finally {
    release();
  }
}

function readMarker(folder: string): { version: unknown } {
  try {
    return JSON.parse(readFileSync(join(folder, exportMarker), "utf8"));
  } catch {
    throw new Error(
      `${folder} is not an export of a sandbox: it has no readable file ${exportMarker}. Make one with: azure-sandbox down --export FOLDER`,
    );
  }
}

function copyState(from: string, to: string): void {
  for (const name of readdirSync(from).filter((each) => stateFiles.test(each))) {
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
}
