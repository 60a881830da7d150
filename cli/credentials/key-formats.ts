import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/*
 * Messages for keys of other kinds than age's own. They name the kind, and never show a private key.
 */

const publicKeyRemedy = () =>
  t`The installer creates a key with \`npx terminals keygen key.txt\` and gives you its recipient, which starts with age1.`;
const keyFileRemedy = () =>
  t`Create a key with \`npx terminals keygen key.txt\`, and have the bundle sealed for its recipient.`;

/** Why a value of --recipient is not accepted. */
export function recipientError(recipient: string): OperatorError {
  const text = recipient.trim();
  const error = (message: string, remedy = publicKeyRemedy()) =>
    new OperatorError("usage", message, { remedy });
  if (/^(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)/.test(text)) {
    return error(
      t`the recipient is an SSH public key, and SSH keys are not accepted: only age recipients (age1…)`,
    );
  }
  if (/^AGE-SECRET-KEY-|PRIVATE KEY-----/i.test(text)) {
    return error(
      t`the recipient is a private key, which other programs on this computer can read in the command's arguments`,
      t`Do not use that key again. ${publicKeyRemedy()}`,
    );
  }
  if (/^AGE-PLUGIN-/i.test(text) || /^age1(?!pq1)[a-z0-9-]+1[02-9ac-hj-np-z]+$/.test(text)) {
    return error(
      t`the recipient is for a plugin of age, and plugins are not accepted: only age's own recipients`,
    );
  }
  // Another value may be a secret, passed by mistake: the message must not contain it.
  return error(
    text.startsWith("age1")
      ? t`the recipient ${text} is not an age recipient (age1…)`
      : t`the recipient is not an age recipient (age1…)`,
  );
}

/** Why a key of an identity file is not accepted. */
export function identityError(identity: string): OperatorError {
  if (/^AGE-PLUGIN-/i.test(identity)) {
    return new OperatorError(
      "usage",
      t`the identity file contains a key for a plugin of age, and plugins are not accepted`,
      { remedy: keyFileRemedy() },
    );
  }
  if (/^age1/.test(identity)) {
    return new OperatorError(
      "usage",
      t`the identity file contains a recipient (age1…), which is a public key`,
      {
        remedy: t`Name the file with the private key (AGE-SECRET-KEY-1…), which \`age-keygen -o key.txt\` has created.`,
      },
    );
  }
  return new OperatorError("usage", t`the identity file contains a key that is not an age identity`, {
    remedy: keyFileRemedy(),
  });
}

/** Why a file is no identity file as a whole; undefined when it may be one. */
export function keyFileError(text: string): OperatorError | undefined {
  if (/-----BEGIN (OPENSSH|RSA|EC|DSA|ENCRYPTED)? ?PRIVATE KEY-----/.test(text)) {
    return new OperatorError("usage", t`the identity file is an SSH key, and SSH keys are not accepted`, {
      remedy: keyFileRemedy(),
    });
  }
  if (/^\s*(-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/v1)/.test(text)) {
    return new OperatorError("usage", t`the identity file is itself sealed`, {
      remedy: t`Open it first, with \`age --decrypt\`, and name the result.`,
    });
  }
  return undefined;
}
