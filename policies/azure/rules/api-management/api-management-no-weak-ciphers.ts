import type { Check, ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { formatValue, type Properties, unknownValue, valueAt } from "../../engine/value.ts";

/** Names of the protocols and ciphers. "False", in any case, and an absent name turn them off. */
const protocolOrCipher = /\.Security\.(Backend\.)?(Protocols|Ciphers)\./i;

const hasStrongCiphersOnly: Check = ({ properties }) =>
  Object.entries((valueAt(properties, "customProperties") ?? {}) as Properties)
    .filter(([name]) => protocolOrCipher.test(name))
    .filter(([, value]) => value !== unknownValue && String(value).toLowerCase() !== "false")
    .map(
      ([name, value]) =>
        `customProperties["${name}"] is ${formatValue(value)}; it must be "False" or absent.`,
    );

export const apiManagementNoWeakCiphers: ResourceRule = {
  id: "api-management-no-weak-ciphers",
  severity: "high",
  description: "The API Management service turns no old protocol and no weak cipher on.",
  reason: "Old protocols and weak ciphers are broken.",
  remedy: 'Remove the name from customProperties, or set it to "False".',
  sources: [psRule("AZR-000055", "Azure.APIM.Ciphers"), psRule("AZR-000054", "Azure.APIM.Protocols")],
  check: { [types.apiManagement]: hasStrongCiphersOnly },
};
