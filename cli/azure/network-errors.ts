import { OperatorError } from "../lib/operator-error.ts";
import { inEnglish, t } from "../words/translate.ts";

/** Why no answer of a service arrived, in words. */
interface NetworkProblem {
  /** A code for programs, for example ProxyConnect407 or SELF_SIGNED_CERT_IN_CHAIN; undefined without one. */
  code: string | undefined;
  /** What happened. It names hosts, and no password. */
  reason: string;
  remedy: string;
}

/** How long failures of a proxy are retried, in milliseconds from the first one in a row. */
const proxyRetryMs = 10_000;
/** After so many milliseconds without a failure, the next one counts as the first in a row again. */
const forgottenAfterMs = 60_000;
/** Answers to CONNECT after which the same request can succeed: the proxy or the way to the host is overloaded. */
const transientStatuses = new Set([429, 500, 502, 503, 504]);

/** The code of a proxy's answer to CONNECT, from its HTTP status. */
const connectCode = /^ProxyConnect(\d{3})?$/;

/**
 * The error for a request to a proxy that opened no tunnel. Its code decides whether the Azure SDKs retry: they know
 * ECONNRESET and do not know ProxyConnect…
 */
export class ProxyFailures {
  private firstMs = 0;
  private lastMs = Number.NEGATIVE_INFINITY;
  private readonly proxy: URL;

  constructor(proxy: URL) {
    this.proxy = proxy;
  }

  /** The error for an answer to CONNECT other than 200. @param target host:port */
  answered(target: string, status: number, text: string): Error {
    const answer = `${status}${/^[\x20-\x7e]{1,60}$/.test(text) ? ` ${text}` : ""}`;
    const message = t`the proxy ${this.proxy.host} answered CONNECT for ${target} with ${answer}`;
    const isRetried = transientStatuses.has(status) && this.isRetriedNow();
    return networkError(message, isRetried ? "ECONNRESET" : `ProxyConnect${status}`);
  }

  /** The error for a proxy that cannot be reached, ended the connection, or answered with something other than HTTP. */
  failed(target: string, error: NodeJS.ErrnoException): Error {
    const { host } = this.proxy;
    const isUnreachable = error.code !== undefined && error.code !== "ECONNRESET";
    if (isUnreachable)
      return networkError(t`the proxy ${host} cannot be reached: ${error.message}`, error.code);
    const message = t`the proxy ${host} ended the connection without an answer to CONNECT for ${target}`;
    return networkError(message, this.isRetriedNow() ? "ECONNRESET" : "ProxyConnect");
  }

  /** The error for a proxy that does not answer. */
  silent(target: string, ms: number): Error {
    const message = t`the proxy ${this.proxy.host} did not answer CONNECT for ${target} in ${ms / 1000} seconds`;
    return networkError(message, "ETIMEDOUT");
  }

  /** Records that the proxy opened a tunnel. */
  opened(): void {
    this.lastMs = Number.NEGATIVE_INFINITY;
  }

  private isRetriedNow(): boolean {
    const now = performance.now();
    if (now - this.lastMs > forgottenAfterMs) this.firstMs = now;
    this.lastMs = now;
    return now - this.firstMs < proxyRetryMs;
  }
}

/** Codes of a certificate that Node does not trust ("Certificate error codes" in Node's documentation of TLS). */
const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
]);
const otherCertificateCodes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_REJECTED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
]);

/** Whether an error says that a certificate was not accepted. */
export function isCertificateError({ code = "" }: { code?: string }): boolean {
  return untrusted.has(code) || otherCertificateCodes.has(code);
}

/** Whether another try of the same request has no prospect: the proxy refuses, or the certificate is not accepted. */
export function isPermanentNetworkError(error: { code?: string }): boolean {
  return connectCode.test(error.code ?? "") || isCertificateError(error);
}

/**
 * The OperatorError for a request that got no answer of the service: no connection, or the answer of a proxy.
 * @param doing What was being done, for example "reading the device twin example-001".
 */
export function unreachableError(error: Error, doing: string): OperatorError {
  const { shownCode } = error as { shownCode?: string };
  const { code, reason, remedy } =
    shownCode === undefined
      ? describeNetworkError(error)
      : { code: shownCode, reason: error.message, remedy: foreignAnswerRemedy() };
  return new OperatorError("unreachable", t`${doing}: ${reason}`, { code, remedy, cause: error });
}

const foreignAnswerRemedy = () =>
  t`A proxy or another device on the way inspects or blocks the connection. Ask its administrator to pass connections to this host through unchanged, and run this again.`;

/** Describes an error without an answer of the service. */
function describeNetworkError(error: Error & { code?: string }): NetworkProblem {
  const { code } = error;
  const reason = firstLine(error.message);
  const [isProxyAnswer, status] = connectCode.exec(code ?? "") ?? [];
  if (isProxyAnswer !== undefined)
    return { code, reason, remedy: status === "407" ? signInRemedy() : proxyRemedy() };
  if (isCertificateError({ code })) {
    return {
      code,
      reason: t`the certificate is not accepted: ${reason}`,
      remedy: certificateRemedy(code ?? ""),
    };
  }
  if (inEnglish(reason).startsWith("the proxy ")) return { code, reason, remedy: proxyRemedy() };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return { code, reason: `${code} (${reason})`, remedy: nameRemedy() };
  }
  return { code, reason: `${code ?? t`no answer`} (${reason})`, remedy: networkRemedy() };
}

/** Remedy for every failure without a known reason. */
export const networkRemedy = () =>
  t`Check the network, HTTPS_PROXY and NODE_EXTRA_CA_CERTS, and run this again.`;
const nameRemedy = () =>
  t`The name cannot be resolved. Check the network and its DNS server. Where only a proxy resolves names, set HTTPS_PROXY.`;
/** Remedy for a proxy that opens no tunnel. */
export const proxyRemedy = () =>
  t`This is no answer of Azure. Check HTTPS_PROXY and NO_PROXY, or ask the proxy's administrator to allow CONNECT to this host and port.`;
const signInRemedy = () =>
  t`The proxy asks for a sign-in. Put the user and the password in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded.`;

function certificateRemedy(code: string): string {
  if (!untrusted.has(code)) {
    return t`Check this computer's clock, and whether a proxy inspects TLS. Then run this again.`;
  }
  return t`A proxy that inspects TLS signs with its own root certificate. Ask its administrator for that certificate (PEM), and set NODE_EXTRA_CA_CERTS to the file. Never switch the verification off.`;
}

function networkError(message: string, code: string | undefined): Error {
  return Object.assign(new Error(message), { code });
}

/** The first line of a message, without signatures of URLs. */
export function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/[?&](sig|sv|se|st|sp|si)=\S*/g, "").slice(0, 300);
}

/** The value of a header for a message; undefined when it is missing or has characters that are not printable. */
export function printableHeader(text: string | undefined): string | undefined {
  return text && /^[\x20-\x7e]+$/.test(text) ? text.slice(0, 60) : undefined;
}
