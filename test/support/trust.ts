import { getCACertificates, setDefaultCACertificates } from "node:tls";

/**
 * Makes this process trust a sandbox's certificate authority, as NODE_EXTRA_CA_CERTS does for a process that starts
 * with it. The certificates that it trusts already stay trusted.
 * @param certificate PEM.
 */
export function trust(certificate: string): void {
  const trusted = getCACertificates("default");
  if (!trusted.includes(certificate)) setDefaultCACertificates([...trusted, certificate]);
}
