import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";

const prefix = "Microsoft.WindowsAzure.ApiManagement.Gateway.";

/** Cipher suites that can be disabled. All are enabled by default except TripleDes168. */
const ciphers = [
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA",
];

/** All custom properties with their defaults. Source: the REST reference of customProperties. */
const defaults = new Map<string, string>([
  ...["Tls10", "Tls11", "Ssl30"].flatMap((version): [string, string][] => [
    [`Security.Protocols.${version}`, "false"],
    [`Security.Backend.Protocols.${version}`, "false"],
  ]),
  ["Security.Ciphers.TripleDes168", "false"],
  ...ciphers.map((name): [string, string] => [`Security.Ciphers.${name}`, "true"]),
  ["Protocols.Server.Http2", "false"],
]);

/** Custom properties that the sandbox's gateway enforces. */
const actedOn = ["Security.Protocols.Tls10", "Security.Protocols.Tls11"];

/**
 * Rejects unknown custom properties, and values that the sandbox's gateway cannot enforce.
 * @param fixedCiphers Whether the tier does not allow changing ciphers. Source: "Manage protocols and ciphers".
 */
export function checkCustomProperties(custom: Record<string, string>, fixedCiphers: boolean): void {
  for (const [key, value] of Object.entries(custom)) {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : "";
    const usual = defaults.get(name);
    if (usual === undefined) throw invalid(`The custom property ${key} does not exist.`);
    if (!/^(true|false)$/i.test(value)) throw invalid(`The custom property ${key} is True or False.`);
    if (fixedCiphers && name.includes("Ciphers.")) throw invalid(`The tier does not let ${key} be set.`);
    if (actedOn.includes(name) || value.toLowerCase() === usual) continue;
    throw new NotInSandboxError(`${key} other than ${usual} in API Management`);
  }
}

function invalid(message: string): ArmError {
  return new ArmError(400, "InvalidParameters", message);
}
