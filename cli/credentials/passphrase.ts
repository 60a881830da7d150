import { createCipheriv, randomBytes, scrypt } from "node:crypto";
import { type Recipient, Stanza } from "age-encryption";
import pLimit from "p-limit";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** scrypt's cost as a power of two, as in the age command and library: about a second and 256 MB. */
const workFactor = 18;
const blockSize = 8;
const label = "age-encryption.org/v1/scrypt";

/** Fewest characters, without white space at its ends and characters that are not shown. */
const minPassphraseLength = 12;

/** Characters that a person cannot see or type reliably: controls, invisible ones, and the mark of an invalid byte. */
const notTyped = /[\p{Cc}\p{Cs}\ufeff\ufffd]/u;

/**
 * Checks a passphrase before something is sealed with it.
 * @throws OperatorError when it is too short, or has a character that the person who opens the file could not type.
 */
export function checkPassphrase(passphrase: string): void {
  const visible = passphrase.replace(/[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, "").trim();
  if (visible === "") throw new OperatorError("usage", t`the passphrase is empty`);
  if (notTyped.test(passphrase)) {
    throw new OperatorError("usage", t`the passphrase contains a character that cannot be typed`, {
      remedy: t`Write it in UTF-8, without a byte order mark and without control characters.`,
    });
  }
  if (visible.length < minPassphraseLength) {
    throw new OperatorError("usage", t`the passphrase is shorter than ${minPassphraseLength} characters`);
  }
}

/** One derivation at a time in the process: each needs 256 MB. */
const serial = pLimit(1);

/**
 * An age recipient for a passphrase (age-encryption.org/v1, the scrypt recipient type). The recipient of the library blocks
 * the event loop for a second, and with it timers, leases and Ctrl-C. This one uses Node's thread pool.
 */
export function passphraseRecipient(passphrase: string): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16);
      const key = await serial(() => deriveKey(passphrase, salt));
      // The key is used once, so a constant nonce is safe.
      const cipher = createCipheriv("chacha20-poly1305", key, Buffer.alloc(12), { authTagLength: 16 });
      const sealed = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      const saltText = salt.toString("base64").replace(/=+$/, "");
      return [new Stanza(["scrypt", saltText, String(workFactor)], sealed)];
    },
  };
}

function deriveKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  const cost = { N: 2 ** workFactor, r: blockSize, p: 1 };
  const maxmem = 2 * 128 * cost.N * cost.r;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, { ...cost, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
