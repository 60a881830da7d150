import { fileError } from "./lib/file-errors.ts";

/**
 * Goes back to the folder that the program was called from: npm runs a package's scripts in the package's folder, and
 * says in INIT_CWD where its caller stands, as pnpm and yarn do. Relative paths are meant from there.
 */
export function returnToCaller({ npm_lifecycle_event: script, INIT_CWD: folder } = process.env): void {
  if (script !== "terminals" || !folder) return;
  try {
    process.chdir(folder);
  } catch (error) {
    throw fileError(folder, "read", error);
  }
}
