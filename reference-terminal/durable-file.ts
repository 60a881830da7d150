import { type FileHandle, open } from "node:fs/promises";
import { replaceFileDurably } from "@terminal-fleet/cli/terminal-support";

/** Puts a file in its place, whole or not at all, safe from a power cut; readable for its owner alone. */
export async function writeInPlace(path: string, content: string | Uint8Array): Promise<void> {
  const staged = `${path}.partial`;
  let file: FileHandle | undefined;
  try {
    file = await open(staged, "w", 0o600);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file?.close();
  }
  await replaceFileDurably(staged, path);
}
