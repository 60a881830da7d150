import { getCACertificates, setDefaultCACertificates } from "node:tls";

/**
 * Sets environment variables of this process, and makes it trust a certificate authority beside those that it trusts.
 * @param certificate PEM.
 * @returns A function that restores both.
 */
export function directThisProcess(variables: Record<string, string>, certificate: string): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const trusted = getCACertificates("default");
  Object.assign(process.env, variables);
  setDefaultCACertificates([...trusted, certificate]);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    setDefaultCACertificates(trusted);
  };
}
