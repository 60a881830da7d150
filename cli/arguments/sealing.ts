import { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { sealer } from "../credentials/seal.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Prompt } from "../terminal-ui/prompt.ts";
import { t } from "../words/translate.ts";
import type { SealingOptions } from "./common-options.ts";

/** Seals credential bundles, and the folder for them. */
export interface Sealing {
  folder: BundleFolder;
  seal(bundle: CredentialBundle): Promise<Uint8Array>;
}

/**
 * Creates the function that seals credential bundles; asks for the passphrase if one is used.
 * @throws OperatorError unless exactly one of --recipient and --passphrase is given.
 */
export async function createSeal(
  options: Pick<SealingOptions, "recipient" | "passphrase">,
  prompt: Prompt,
): Promise<Sealing["seal"]> {
  const { recipient: recipients, passphrase } = options;
  if (Boolean(recipients) === Boolean(passphrase)) {
    throw new OperatorError(
      "usage",
      t`specify --recipient or --passphrase, which seals the credential bundles`,
    );
  }
  return sealer(recipients ? { recipients } : { passphrase: await prompt.passphrase({ twice: true }) });
}

/** Checks the recipients or the passphrase as `createSeal` does, for a dry run, which needs neither. */
export async function checkSealing(options: Parameters<typeof createSeal>[0], prompt: Prompt): Promise<void> {
  if (options.recipient || options.passphrase) await createSeal(options, prompt);
}

/**
 * Creates the folder for credential bundles and the function that seals them.
 * @throws OperatorError when an option is missing, or the folder cannot be created.
 */
export async function createSealing(options: SealingOptions, prompt: Prompt): Promise<Sealing> {
  if (!options.out) {
    throw new OperatorError("usage", t`specify --out FOLDER, the folder for the sealed credential bundles`);
  }
  const seal = await createSeal(options, prompt);
  const folder = new BundleFolder(options.out);
  await folder.prepare();
  return { folder, seal };
}
