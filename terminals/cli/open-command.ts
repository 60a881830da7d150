import { readFile } from "node:fs/promises";
import { OperatorError } from "../errors.ts";
import { readIdentities, unseal } from "../handover/seal.ts";
import { passphrase } from "./ask.ts";

/** `open FILE`: shows a sealed hand-over, which is all secret, on standard output as JSON. */
export async function openCommand(file: string, options: { identity?: string }): Promise<void> {
  const sealed = await readOr(file);
  const opener = options.identity
    ? { identities: readIdentities((await readOr(options.identity)).toString("utf8")) }
    : { passphrase: await passphrase({ twice: false }) };
  process.stdout.write(`${JSON.stringify(await unseal(sealed, opener), undefined, 2)}\n`);
}

async function readOr(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new OperatorError("usage", `${file} cannot be read: ${(error as Error).message}`);
  }
}
