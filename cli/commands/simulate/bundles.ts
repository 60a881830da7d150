import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import pMap from "p-map";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { type Opener, unseal } from "../../credentials/seal.ts";
import { fileError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { fileKinds, readBounded } from "../../lib/read-bounded.ts";
import { count } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";

const concurrentOpenings = 8;

/**
 * Finds credential bundles at paths: files, and the files TERMINAL.age in folders.
 * @param limit Returns only this number; default all.
 * @throws OperatorError when there are none, or fewer than `limit`.
 */
export async function findBundles(paths: string[], limit: number | undefined): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) files.push(path);
      else {
        const names = (await readdir(path)).filter((name) => /^[^.].*\.age$/.test(name));
        files.push(...names.sort().map((name) => join(path, name)));
      }
    } catch (error) {
      throw fileError(path, "read", error);
    }
  }
  if (files.length === 0) {
    throw new OperatorError("usage", t`no credential bundle (TERMINAL.age) in ${paths.join(", ")}`);
  }
  if ((limit ?? 0) > files.length) {
    const available = count(files.length, "credential bundle");
    throw new OperatorError(
      "usage",
      t`--count is ${limit as number}, and ${paths.join(", ")} has ${available}`,
    );
  }
  return files.slice(0, limit);
}

/** Opens credential bundles. @throws OperatorError that names the file that cannot be read or opened. */
export async function openBundles(files: string[], opener: Opener): Promise<CredentialBundle[]> {
  const open = async (file: string) => {
    const sealed = await readBounded(file, fileKinds.bundle);
    try {
      return await unseal(sealed, opener);
    } catch (error) {
      throw error instanceof OperatorError ? error.about(`${file}: `) : error;
    }
  };
  return pMap(files, open, { concurrency: concurrentOpenings });
}
