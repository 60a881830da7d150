import { type Opener, passphraseIdentity, passphraseRecipient } from "@terminal-fleet/cli/terminal-support";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

/**
 * Encrypts the terminal's secrets on disk. This one uses the key that opens the credential bundle. A terminal on Windows
 * uses the data protection API (DPAPI) instead.
 */
export interface Vault {
  seal(secret: string): Promise<Uint8Array>;
  /** @throws Error when it cannot be opened. */
  open(sealed: Uint8Array): Promise<string>;
}

/** Creates a vault with the identities or the passphrase of the credential bundle. */
export async function createVault(opener: Opener): Promise<Vault> {
  const encrypter = new Encrypter();
  const decrypter = new Decrypter();
  if ("passphrase" in opener) {
    encrypter.addRecipient(passphraseRecipient(opener.passphrase));
    decrypter.addIdentity(passphraseIdentity(opener.passphrase));
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
