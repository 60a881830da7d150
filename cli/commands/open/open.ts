import { readFile } from "node:fs/promises";
import { type Opener, readIdentities, unseal } from "../../credentials/seal.ts";
import { fileError } from "../../lib/file-errors.ts";
import { Output } from "../../terminal-ui/output.ts";
import { passphrase } from "../../terminal-ui/prompt.ts";

/** `open FILE`: shows a sealed hand-over, which is all secret, on standard output as JSON. */
export async function openCommand(
  file: string,
  options: { identity?: string; json?: boolean },
): Promise<void> {
  const sealed = await readOr(file);
  const content = await unseal(sealed, await openerOf(options));
  new Output(options).result("handover", content, JSON.stringify(content, undefined, 2));
}

/** What opens hand-overs: the key in a file, or a passphrase, which is asked for. */
export async function openerOf({ identity }: { identity?: string }): Promise<Opener> {
  return identity
    ? { identities: readIdentities((await readOr(identity)).toString("utf8")) }
    : { passphrase: await passphrase({ twice: false }) };
}

async function readOr(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw fileError(file, "read", error);
  }
}
