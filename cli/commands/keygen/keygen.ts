import { open, rm } from "node:fs/promises";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { fileError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { KeygenOptions } from "./definition.ts";

/**
 * `keygen FILE`: creates an age key in the format of `age-keygen`, and writes its recipient on standard output.
 * @throws OperatorError when the file exists, or cannot be written.
 */
export async function run(path: string, _options: KeygenOptions, { output }: CommandContext): Promise<void> {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const createdAt = new Date().toISOString();
  await writeNewFile(path, `# created: ${createdAt}\n# public key: ${recipient}\n${identity}\n`);
  output.result("key", { file: path, recipient }, recipient);
  output.note(
    t`The key is in ${path}. It opens what is sealed for the recipient above: keep it secret, and keep a copy of it.`,
  );
}

/** Writes a file that only its owner can read. The flag "x" opens no existing file, and follows no link. */
async function writeNewFile(path: string, content: string): Promise<void> {
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw fileError(path, "written", error);
    throw new OperatorError("usage", t`${path} exists already, and was not changed`, {
      remedy: t`Name a new file: what is sealed for the key in it could not be opened without it.`,
    });
  });
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw fileError(path, "written", error);
  } finally {
    await file.close();
  }
}
