import { OperatorError } from "../errors.ts";
import type { Handover } from "../handover/handover.ts";
import { HandoverFolder } from "../handover/handover-folder.ts";
import { sealer } from "../handover/seal.ts";
import { passphrase } from "./ask.ts";

/** Where sealed hand-overs go, and who can open them. */
export interface SealingOptions {
  out?: string;
  recipient?: string[];
  passphrase?: boolean;
}

export interface Sealing {
  folder: HandoverFolder;
  seal(content: Handover): Promise<Uint8Array>;
}

/**
 * The folder for hand-overs, made, and what seals them.
 * @throws OperatorError when something of it is missing.
 */
export async function sealingOf(options: SealingOptions): Promise<Sealing> {
  if (!options.out) throw new OperatorError("usage", "where do sealed hand-overs go? Give --out FOLDER");
  if (Boolean(options.recipient) === Boolean(options.passphrase)) {
    throw new OperatorError(
      "usage",
      "who is to open the hand-overs? Give either --recipient or --passphrase",
    );
  }
  const seal = sealer(
    options.recipient ? { recipients: options.recipient } : { passphrase: await passphrase({ twice: true }) },
  );
  const folder = new HandoverFolder(options.out);
  await folder.make();
  return { folder, seal };
}
