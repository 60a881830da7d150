import { rm } from "node:fs/promises";
import { fileError } from "./file-errors.ts";
import { createFile, replaceFile } from "./fsync.ts";

/**
 * Writes a file completely or not at all. Only its owner can read it.
 * @throws OperatorError when it cannot be written.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await using file = await createFile(partial);
    await file.writeFile(content);
    await replaceFile(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw fileError(path, "written", error);
  }
}
