import { readFileSync } from "node:fs";

/** The text of a seed file. @throws Error with the file and the reason, when it cannot be read. */
export function readSeedFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "it does not exist" : code === "EISDIR" ? "it is a folder" : message;
    throw new Error(`The seed file ${file} cannot be read: ${reason}.`, { cause: error });
  }
}
