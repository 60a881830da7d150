import { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { sealer } from "../credentials/seal.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { passphrase } from "../terminal-ui/prompt.ts";

/** Where sealed hand-overs go, and who can open them. */
export interface SealingOptions {
  out?: string;
  recipient?: string[];
  passphrase?: boolean;
}

export interface Sealing {
  folder: BundleFolder;
  seal(content: CredentialBundle): Promise<Uint8Array>;
}

/**
 * What seals hand-overs; a passphrase is asked for.
 * @throws OperatorError unless exactly one of recipients and passphrase is wanted.
 */
export async function sealOf(options: Omit<SealingOptions, "out">): Promise<Sealing["seal"]> {
  if (Boolean(options.recipient) === Boolean(options.passphrase)) {
    throw new OperatorError(
      "usage",
      "who is to open the hand-overs? Give either --recipient or --passphrase",
    );
  }
  return sealer(
    options.recipient ? { recipients: options.recipient } : { passphrase: await passphrase({ twice: true }) },
  );
}

/**
 * The folder for hand-overs, made, and what seals them.
 * @throws OperatorError when something of it is missing.
 */
export async function sealingOf(options: SealingOptions): Promise<Sealing> {
  if (!options.out) throw new OperatorError("usage", "where do sealed hand-overs go? Give --out FOLDER");
  const seal = await sealOf(options);
  const folder = new BundleFolder(options.out);
  await folder.prepare();
  return { folder, seal };
}
