import type { Opener } from "@terminal-fleet/cli/terminal-support";
import { passphraseRecipient } from "@terminal-fleet/cli/terminal-support";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

/**
 * Keeps a terminal's secrets from who can read its disk. Here, with the key that opens its hand-over; a terminal on
 * Windows does it with the data protection of the system (DPAPI) instead.
 */
export interface Vault {
  seal(secret: string): Promise<Uint8Array>;
  /** @throws Error when it cannot be opened. */
  open(sealed: Uint8Array): Promise<string>;
}

/** A vault that opens with what opens the terminal's hand-over. */
export async function vaultOf(opener: Opener): Promise<Vault> {
  const encrypter = new Encrypter();
  const decrypter = new Decrypter();
  if ("passphrase" in opener) {
    encrypter.addRecipient(passphraseRecipient(opener.passphrase));
    decrypter.addPassphrase(opener.passphrase);
  } else {
    for (const identity of opener.identities) {
      encrypter.addRecipient(await identityToRecipient(identity));
      decrypter.addIdentity(identity);
    }
  }
  return {
    seal: (secret) => encrypter.encrypt(secret),
    open: (sealed) => decrypter.decrypt(sealed, "text"),
  };
}
