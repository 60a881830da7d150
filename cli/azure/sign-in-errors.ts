import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { firstLine, networkRemedy, proxyRemedy } from "./network-errors.ts";

const doing = () => t`signing in to Azure`;

/** A cause of a failed sign-in, and the texts by which programs report it. */
interface SignInProblem {
  texts: RegExp;
  /** @param match The text that was found. */
  message(match: RegExpExecArray): string;
  remedy(): string;
  code?: string;
}

/**
 * What the Azure CLI writes when it gets no answer of Entra ID. It is written in Python: the texts are those of OpenSSL,
 * http.client, socket, urllib3 and requests. The remedies are those of "Work behind a proxy" in the Azure CLI's documentation.
 */
const networkProblems: SignInProblem[] = [
  {
    texts:
      /CERTIFICATE_VERIFY_FAILED(?:\] certificate verify failed: ([\w .'-]+))?|Certificate verification failed/i,
    code: "CERTIFICATE_VERIFY_FAILED",
    message: ([, reason]) =>
      reason
        ? t`the Azure CLI does not accept the certificate: ${reason.trim()}`
        : t`the Azure CLI does not accept the certificate`,
    remedy: () =>
      t`A proxy that inspects TLS signs with its own root certificate. Ask its administrator for that certificate (PEM). Set REQUESTS_CA_BUNDLE to it for \`az\`, and NODE_EXTRA_CA_CERTS for this program.`,
  },
  {
    texts: /Tunnel connection failed: (\d{3})([\w -]*)/,
    message: ([, status, text = ""]) =>
      t`the proxy answered the Azure CLI's CONNECT with ${(status ?? "") + text.trimEnd()}`,
    remedy: () =>
      t`Check HTTPS_PROXY. For 407, put the user and the password in it: http://USER:PASSWORD@HOST:PORT, percent-encoded. Otherwise ask the proxy's administrator to allow login.microsoftonline.com:443.`,
  },
  {
    texts:
      /InvalidProxyURL|Please check proxy URL|Proxy URL had no scheme|Failed to parse: \S+|Not supported proxy scheme/i,
    message: () => t`the Azure CLI cannot read the proxy's URL`,
    remedy: () =>
      t`Write HTTPS_PROXY as http://HOST:PORT, with special characters of a user and password percent-encoded.`,
  },
  {
    texts: /ProxyError|Cannot connect to proxy/i,
    message: () => t`the Azure CLI cannot reach the proxy`,
    remedy: proxyRemedy,
  },
  {
    texts:
      /NameResolutionError|Name or service not known|getaddrinfo failed|nodename nor servname|Temporary failure in name resolution/i,
    code: "ENOTFOUND",
    message: () => t`the Azure CLI cannot resolve a host name`,
    remedy: () =>
      t`Check the network and its DNS server. Where only a proxy resolves names, set HTTPS_PROXY.`,
  },
  {
    texts: /timed out|ConnectTimeout/i,
    code: "ETIMEDOUT",
    message: () => t`the Azure CLI got no answer in time`,
    remedy: networkRemedy,
  },
  {
    texts: /Connection refused|Connection reset|Connection aborted|Max retries exceeded|NewConnectionError/i,
    message: () => t`the Azure CLI cannot connect`,
    remedy: networkRemedy,
  },
  {
    texts: /Unexpected end of JSON input/,
    message: () => t`the Azure CLI ended, or did not answer in 60 seconds, without a message`,
    remedy: () => t`Run \`az account get-access-token\` to see why, and run this again.`,
  },
  // MSAL reports every failed request with this code, without its reason.
  { texts: /network_error/, message: () => t`no answer`, remedy: networkRemedy },
];

/** Numbers of Entra ID ("Microsoft Entra authentication and authorization error codes") with a remedy of their own. */
const entraRemedies: [number: RegExp, remedy: () => string][] = [
  [/^7000215$/, () => t`AZURE_CLIENT_SECRET is wrong. It is the secret's value, not its ID.`],
  [/^7000222$/, () => t`The client secret has expired. Create a new one, and set AZURE_CLIENT_SECRET.`],
  [
    /^(700016|7000229)$/,
    () => t`The tenant does not have this application. Check AZURE_CLIENT_ID and AZURE_TENANT_ID.`,
  ],
  [
    /^(90002|900023)$/,
    () => t`There is no such tenant. Check AZURE_TENANT_ID: \`az account show --query tenantId\` prints it.`,
  ],
  [
    /^(700211|700212|700213|70021|700024)$/,
    () =>
      t`No federated credential of the application matches the token of this pipeline. Check its issuer, subject and audience.`,
  ],
  [/^(50076|50079|50158)$/, () => t`Entra ID asks for another factor. Sign in again with \`az login\`.`],
  [
    /^(53000|53001|53003|530032|530084)$/,
    () => t`A Conditional Access policy blocks this sign-in. Ask the administrator of the tenant.`,
  ],
  [
    /^(700082|70043|50173|700084|50078|70008)$/,
    () => t`The sign-in has expired. Sign in again with \`az login\`.`,
  ],
  [
    /^(500011|65001)$/,
    () =>
      t`The tenant does not know the service, or has not consented. Check that AZURE_TENANT_ID is the tenant of the stack.`,
  ],
  [/^(50053|50057)$/, () => t`The account is locked or disabled. Ask the administrator of the tenant.`],
  [/^(90033|90024|50196)$/, () => t`Entra ID is busy. Run this again in some minutes.`],
];

const signInRemedy = () =>
  t`Sign in with \`az login\`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. Behind a proxy, set HTTPS_PROXY too.`;

/**
 * Says why a sign-in failed, by the message of the credential that failed. It holds what the Azure CLI wrote.
 * @param cause The error of a credential of @azure/identity.
 */
export function signInError(cause: Error): OperatorError {
  const { message } = cause;
  const number = /AADSTS(\d+)/.exec(message)?.[1];
  if (number !== undefined) {
    const code = `AADSTS${number}`;
    const remedy = entraRemedies.find(([numbers]) => numbers.test(number))?.[1] ?? signInRemedy;
    return new OperatorError("notAllowed", t`not signed in to Azure: ${code}`, {
      code,
      remedy: remedy(),
      cause,
    });
  }
  for (const { texts, message: describe, remedy, code } of networkProblems) {
    const match = texts.exec(message);
    if (match)
      return new OperatorError("unreachable", t`${doing()}: ${describe(match)}`, {
        code,
        remedy: remedy(),
        cause,
      });
  }
  const said =
    /CredentialUnavailableError: (?:ERROR: )?(?!.*(?:EnvironmentCredential|az login|Azure CLI))(.+)/.exec(
      message,
    )?.[1];
  const text = said ? t`not signed in to Azure: ${firstLine(said)}` : t`not signed in to Azure`;
  return new OperatorError("notAllowed", text, { remedy: signInRemedy(), cause });
}
