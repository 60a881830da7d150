import { armor, Decrypter, Encrypter } from "age-encryption";
import { OperatorError } from "../lib/errors.ts";
import { type CredentialBundle, credentialBundle } from "./credential-bundle.ts";
import { passphraseRecipient } from "./passphrase.ts";

/** Who can open what is sealed: holders of any of these keys, or who knows the passphrase. */
export type Recipients = { recipients: string[] } | { passphrase: string };

/** What opens a sealed hand-over: identities as `age-keygen` writes them, or the passphrase. */
export type Opener = { identities: string[] } | { passphrase: string };

const shortestPassphrase = 12;

/**
 * Checks the recipients and makes a function that seals hand-overs for them, in the age format (age-encryption.org),
 * so that the `age` command opens them too. With a passphrase each takes about a second, one after the other, which is
 * its protection; the program goes on meanwhile.
 * @throws OperatorError when a recipient is not one, or the passphrase is short.
 */
export function sealer(to: Recipients): (content: CredentialBundle) => Promise<Uint8Array> {
  const encrypter = new Encrypter();
  if ("passphrase" in to) {
    if (to.passphrase.length < shortestPassphrase) {
      throw new OperatorError("usage", `the passphrase is shorter than ${shortestPassphrase} characters`);
    }
    encrypter.addRecipient(passphraseRecipient(to.passphrase));
  } else {
    for (const recipient of to.recipients) {
      try {
        encrypter.addRecipient(recipient);
      } catch {
        // A secret key given by mistake must not come back in the message.
        const shown = recipient.startsWith("age1") ? ` ${recipient}` : "";
        throw new OperatorError("usage", `the recipient${shown} is not an age recipient (age1…)`, {
          remedy:
            "Whoever installs the terminals makes a key with `age-keygen -o key.txt` and gives you its public key.",
        });
      }
    }
  }
  return (content) => encrypter.encrypt(JSON.stringify(credentialBundle.parse(content)));
}

/**
 * Opens a sealed hand-over, armored or not.
 * @throws OperatorError when it is not one, or is sealed for somebody else.
 */
export async function unseal(sealed: Uint8Array, opener: Opener): Promise<CredentialBundle> {
  const decrypter = new Decrypter();
  if ("passphrase" in opener) {
    decrypter.addPassphrase(opener.passphrase);
  } else {
    for (const identity of opener.identities) {
      try {
        decrypter.addIdentity(identity);
      } catch {
        throw new OperatorError("usage", "the identity file holds a key that is not an age identity");
      }
    }
  }
  let text: string;
  try {
    const head = Buffer.from(sealed.subarray(0, 40)).toString("latin1");
    const bytes = head.startsWith("-----BEGIN AGE")
      ? armor.decode(Buffer.from(sealed).toString("latin1"))
      : sealed;
    text = await decrypter.decrypt(bytes, "text");
  } catch (error) {
    throw new OperatorError("failed", `it cannot be opened: ${(error as Error).message}`, {
      remedy: "It may be sealed for another key or passphrase, be damaged, or not be a sealed hand-over.",
    });
  }
  try {
    return credentialBundle.parse(JSON.parse(text));
  } catch {
    // What was wrong with it may quote a key.
    throw new OperatorError("failed", "what is sealed in it is not a hand-over of this version");
  }
}

/** The identities in a key file, as `age-keygen` writes it: one a line, with comments. */
export function readIdentities(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw new OperatorError("usage", "the identity file holds no key");
  return identities;
}
