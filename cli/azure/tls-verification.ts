import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/**
 * Checks that Node verifies the certificates of servers. Without it, anyone on the way could read tokens and keys.
 * @throws OperatorError when NODE_TLS_REJECT_UNAUTHORIZED switches it off (Node.js documentation, "Command-line API").
 */
export function expectVerifiedTls(env: NodeJS.ProcessEnv = process.env): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return;
  throw new OperatorError(
    "usage",
    t`NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the verification of certificates`,
    {
      remedy: t`Nothing was sent. Remove that variable. If a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to a file with its root certificate (PEM).`,
    },
  );
}
