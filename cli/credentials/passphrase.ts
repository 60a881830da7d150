import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { type Identity, type Recipient, Stanza } from "age-encryption";
import pLimit from "p-limit";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** scrypt's cost as a power of two, as in the age command and library: about a second and 256 MB. */
const workFactor = 18;
/** The highest cost with which a file is opened, as in the age library: four times the time and the memory. */
const maxWorkFactor = 20;
const blockSize = 8;
const saltBytes = 16;
const tagBytes = 16;
/** A key is used once, so a constant nonce is safe. */
const nonce = Buffer.alloc(12);
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
      const salt = randomBytes(saltBytes);
      const key = await serial(() => deriveKey(passphrase, salt, workFactor));
      const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagBytes });
      const sealed = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(["scrypt", unpaddedBase64(salt), String(workFactor)], sealed)];
    },
  };
}

/**
 * The age identity for a passphrase. It accepts and refuses what the library's own does, in two thirds of the CPU time,
 * and does not block the event loop either.
 */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const stanza = stanzas.find(({ args: [type] }) => type === "scrypt");
      if (!stanza) return null;
      if (stanzas.length > 1) throw new Error("scrypt recipient is not the only one in the header");
      const [, saltText = "", factorText = ""] = stanza.args;
      const salt = Buffer.from(saltText, "base64");
      const isValid =
        stanza.args.length === 3 &&
        /^[1-9][0-9]*$/.test(factorText) &&
        salt.length === saltBytes &&
        unpaddedBase64(salt) === saltText &&
        stanza.body.length === 16 + tagBytes;
      if (!isValid) throw new Error("invalid scrypt stanza");
      if (Number(factorText) > maxWorkFactor) throw new Error("scrypt work factor is too high");
      const key = await serial(() => deriveKey(passphrase, salt, Number(factorText)));
      const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagBytes });
      decipher.setAuthTag(stanza.body.subarray(-tagBytes));
      const fileKey = decipher.update(stanza.body.subarray(0, -tagBytes));
      try {
        decipher.final();
        return fileKey;
      } catch {
        // It is sealed with another passphrase.
        return null;
      }
    },
  };
}

const unpaddedBase64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

function deriveKey(passphrase: string, salt: Buffer, factor: number): Promise<Buffer> {
  const cost = { N: 2 ** factor, r: blockSize, p: 1 };
  const maxmem = 2 * 128 * cost.N * cost.r;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, { ...cost, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
