import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder extends AsyncDisposable {
  path: string;
  /** Path of a file in the folder. */
  file(name: string): string;
}

/** Creates a folder that is deleted with all its contents at the end of `await using`. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const { path, remove } = await mkdtempDisposable(join(tmpdir(), "terminal-fleet-test-"));
  return { path, file: (name) => join(path, name), [Symbol.asyncDispose]: remove };
}
