import type { FileHandle } from "node:fs/promises";
import { createFile, replaceFileDurably } from "@terminal-fleet/cli/terminal-support";

/**
 * Writes a file atomically, readable by its owner only: after a power failure it has the old or the new content, and the
 * new one when this has resolved.
 */
export async function writeFileDurably(path: string, content: string | Uint8Array): Promise<void> {
  const staged = `${path}.partial`;
  let file: FileHandle | undefined;
  try {
    file = await createFile(staged);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file?.close();
  }
  await replaceFileDurably(staged, path);
}
