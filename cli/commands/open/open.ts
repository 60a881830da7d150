import { readFile } from "node:fs/promises";
import { type Opener, readIdentities, unseal } from "../../credentials/seal.ts";
import { fileError } from "../../lib/file-errors.ts";
import { printableJson } from "../../lib/printable.ts";
import type { Prompt } from "../../terminal-ui/prompt.ts";
import type { CommandContext } from "../command.ts";
import type { OpenOptions } from "./definition.ts";

/** `open FILE`: writes the content of a sealed credential bundle, which is secret, on standard output as JSON. */
export async function run(
  file: string,
  options: OpenOptions,
  { output, prompt }: CommandContext,
): Promise<void> {
  const sealed = await readOrFail(file);
  const bundle = await unseal(sealed, await createOpener(options, prompt));
  output.result("handover", bundle, printableJson(bundle, 2).split("\n"));
}

/** What opens credential bundles: the age identities in a file, or a passphrase that is asked for. */
export async function createOpener(
  { identity }: Pick<OpenOptions, "identity">,
  prompt: Prompt,
): Promise<Opener> {
  return identity
    ? { identities: readIdentities((await readOrFail(identity)).toString("utf8")) }
    : { passphrase: await prompt.passphrase({ twice: false }) };
}

async function readOrFail(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw fileError(file, "read", error);
  }
}
