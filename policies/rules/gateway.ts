import { all, type Check, mustBe, property, type ResourceRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, type Properties, show, unknown } from "../engine/value.ts";

/** Tiers of the second generation that have a service level. The older ones, Developer's among them, also offer old TLS. */
const tiers = ["BasicV2", "StandardV2"];

/** Protocols and ciphers as API Management names them; "False" in any case is off, as is leaving one out. */
const oldCryptography = /\.Security\.(Backend\.)?(Protocols|Ciphers)\./i;

const strongOnly: Check = ({ properties }) =>
  Object.entries((at(properties, "customProperties") ?? {}) as Properties)
    .filter(([name]) => oldCryptography.test(name))
    .filter(([, value]) => value !== unknown && String(value).toLowerCase() !== "false")
    .map(([name, value]) => `customProperties["${name}"] is ${show(value)}, and must be "False" or absent.`);

/** The service that is the public door of the Flow API. */
export const gatewayRules: ResourceRule[] = [
  {
    name: "gateway-identity",
    reason:
      "The gateway looks terminals up and calls the Flow API as itself; anything else would be a kept secret.",
    remedy: "Give the service a system-assigned identity, and minApiVersion 2021-08-01 or newer.",
    sources: ["AZR-000053", "AZR-000321"],
    check: {
      [types.gateway]: all(
        property("identity.type", "SystemAssigned", (value) => value === "SystemAssigned"),
        property(
          "apiVersionConstraint.minApiVersion",
          "2021-08-01 or newer",
          (value) => /^20\d\d-\d\d-\d\d/.test(String(value)) && String(value) >= "2021-08-01",
        ),
      ),
    },
  },
  {
    name: "gateway-tier",
    reason:
      "The Developer tier has no service level, and the older tiers lack the limits and the TLS that fit.",
    remedy: `Use ${tiers.join(" or ")}.`,
    sources: ["design: flow ingress", "AZR-000054"],
    check: {
      [types.gateway]: property("sku.name", tiers.join(" or "), (tier) => tiers.includes(String(tier))),
    },
  },
  {
    name: "gateway-has-no-portal",
    reason: "A portal is another door: people sign up there, see APIs and ask for keys.",
    remedy: 'Set developerPortalStatus and legacyPortalStatus to "Disabled".',
    sources: ["design: flow ingress"],
    check: {
      [types.gateway]: all(
        mustBe("developerPortalStatus", "Disabled"),
        mustBe("legacyPortalStatus", "Disabled"),
      ),
    },
  },
  {
    name: "gateway-ciphers",
    reason: "Weak ciphers and old protocols can be broken.",
    remedy: 'Leave them out of customProperties, or set them to "False".',
    sources: ["AZR-000054", "AZR-000055"],
    check: { [types.gateway]: strongOnly },
  },
  {
    name: "api-needs-subscription",
    reason: "The shared key is the first door of the Flow API, and comes in what the policy takes off again.",
    remedy:
      "Set subscriptionRequired to true, leave the names of the key's header and parameter alone, and name and describe the API.",
    sources: ["design: flow ingress", "AZR-000043"],
    check: {
      [types.api]: all(
        mustBe("subscriptionRequired", true),
        asUsual("subscriptionKeyParameterNames.header", "Ocp-Apim-Subscription-Key"),
        asUsual("subscriptionKeyParameterNames.query", "subscription-key"),
        property("displayName", "set", Boolean),
        property("description", "set", Boolean),
      ),
    },
  },
  {
    name: "api-in-no-product",
    reason:
      "A product without a subscription opens its APIs to calls without a key, whatever the API asks for.",
    remedy: "Leave products away: customers' subscriptions are made for the API itself.",
    sources: ["AZR-000046", "AZR-000047", "AZR-000048", "AZR-000049", "AZR-000050", "design: flow ingress"],
    check: ({ type }) =>
      /^azure-native:apimanagement:(Workspace)?Product(Api|ApiLink|GroupLink|Group|Policy|Wiki)?$/.test(type)
        ? [`it is a ${type}.`]
        : [],
  },
];

/** A name that Azure gives when nothing else is said. */
function asUsual(path: string, usual: string): Check {
  return property(path, `"${usual}" or absent`, (value) => value === undefined || value === usual);
}
