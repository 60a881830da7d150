import { armor, Decrypter, Encrypter } from "age-encryption";
import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type CredentialBundle, credentialBundle } from "./credential-bundle.ts";
import { identityError, keyFileError, recipientError } from "./key-formats.ts";
import { checkPassphrase, passphraseIdentity, passphraseRecipient } from "./passphrase.ts";

/** Who can open a sealed bundle: the owners of these age recipients, or anyone with the passphrase. */
export type Recipients = { recipients: string[] } | { passphrase: string };

/** Opens a sealed bundle: age identities as `age-keygen` writes them, or the passphrase. */
export type Opener = { identities: string[] } | { passphrase: string };

/**
 * Returns a function that seals credential bundles in the age format (age-encryption.org), which the `age` command opens.
 * Sealing with a passphrase takes about a second per bundle, one after the other. That slows down guessing, and it does
 * not block the event loop.
 * @throws OperatorError when a recipient is invalid or the passphrase is too short.
 */
export function sealer(to: Recipients): (content: CredentialBundle) => Promise<Uint8Array> {
  const encrypter = new Encrypter();
  if ("passphrase" in to) {
    checkPassphrase(to.passphrase);
    encrypter.addRecipient(passphraseRecipient(to.passphrase));
  } else {
    for (const recipient of to.recipients) {
      try {
        encrypter.addRecipient(recipient);
      } catch {
        throw recipientError(recipient);
      }
    }
  }
  return (content) => encrypter.encrypt(JSON.stringify(credentialBundle.parse(content)));
}

/**
 * Opens a sealed credential bundle, armored or binary.
 * @throws OperatorError when it is no sealed bundle, or is sealed for another key or passphrase.
 */
export async function unseal(sealed: Uint8Array, opener: Opener): Promise<CredentialBundle> {
  const text = await decrypt(sealed, decrypterFor(opener));
  try {
    return credentialBundle.parse(JSON.parse(text));
  } catch {
    // The original error could quote a key.
    throw new OperatorError("failed", t`it does not contain a credential bundle of this version`);
  }
}

function decrypterFor(opener: Opener): Decrypter {
  const decrypter = new Decrypter();
  if ("passphrase" in opener) {
    decrypter.addIdentity(passphraseIdentity(opener.passphrase));
    return decrypter;
  }
  for (const identity of opener.identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw identityError(identity);
    }
  }
  return decrypter;
}

async function decrypt(sealed: Uint8Array, decrypter: Decrypter): Promise<string> {
  try {
    const head = Buffer.from(sealed.subarray(0, 40)).toString("latin1");
    const isArmored = head.startsWith("-----BEGIN AGE");
    const bytes = isArmored ? armor.decode(Buffer.from(sealed).toString("latin1")) : sealed;
    return await decrypter.decrypt(bytes, "text");
  } catch (error) {
    throw new OperatorError("failed", t`it cannot be opened: ${(error as Error).message}`, {
      remedy: t`It may be sealed for another key or passphrase, be damaged, or be no sealed credential bundle.`,
    });
  }
}

/**
 * Reads the age identities from a key file of `age-keygen`: one a line, and comments.
 * @param content The file's bytes, in UTF-8 or UTF-16, or its text.
 * @throws OperatorError when it has none, or is a key file of another kind.
 */
export function readIdentities(content: Uint8Array | string): string[] {
  const text = typeof content === "string" ? content : decodeText(content);
  const otherKind = keyFileError(text);
  if (otherKind) throw otherKind;
  const lines = text.split(/\r\n?|\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw new OperatorError("usage", t`the identity file contains no key`);
  return identities;
}
