import { fileError } from "./lib/file-errors.ts";

/**
 * Changes to the folder that npm was called from, so that relative paths on the command line mean that folder. npm runs
 * a package's script in the package's folder and passes the caller's folder in INIT_CWD, as pnpm and yarn do.
 */
export function changeToCallerFolder({ npm_lifecycle_event: script, INIT_CWD: folder } = process.env): void {
  if (script !== "terminals" || !folder) return;
  try {
    process.chdir(folder);
  } catch (error) {
    throw fileError(folder, "read", error);
  }
}
