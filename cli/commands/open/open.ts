import { type Opener, readIdentities, unseal } from "../../credentials/seal.ts";
import { printableJson } from "../../lib/printable.ts";
import { fileKinds, readBounded } from "../../lib/read-bounded.ts";
import type { Prompt } from "../../terminal-ui/prompt.ts";
import type { CommandContext } from "../command.ts";
import type { OpenOptions } from "./definition.ts";

/** `open FILE`: writes the content of a sealed credential bundle, which is secret, on standard output as JSON. */
export async function run(
  file: string,
  options: OpenOptions,
  { output, prompt }: CommandContext,
): Promise<void> {
  const sealed = await readBounded(file, fileKinds.bundle);
  const bundle = await unseal(sealed, await createOpener(options, prompt));
  output.result("handover", bundle, printableJson(bundle, 2).split("\n"));
}

/** What opens credential bundles: the age identities in a file, or a passphrase that is asked for. */
export async function createOpener(
  { identity }: Pick<OpenOptions, "identity">,
  prompt: Prompt,
): Promise<Opener> {
  return identity
    ? { identities: readIdentities(await readBounded(identity, fileKinds.identities)) }
    : { passphrase: await prompt.passphrase({ twice: false }) };
}
