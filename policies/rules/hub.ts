import { all, mustBe, property, type ResourceRule } from "../rule.ts";
import { types } from "../types.ts";
import { items } from "../value.ts";

const noItems = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

/** Only terminals come in with keys, each with its own; everybody else signs in with Entra ID. */
export const hubRules: ResourceRule[] = [
  {
    name: "no-hub-level-sas",
    reason: "A hub-level key opens every terminal at once and names nobody in the logs.",
    remedy: "Set disableLocalAuth and disableModuleSAS to true, and declare no authorizationPolicies.",
    sources: ["Azure Policy 672d56b3", "Azure Verified Modules", "design: identities"],
    check: {
      [types.hub]: all(
        mustBe("properties.disableLocalAuth", true),
        mustBe("properties.disableModuleSAS", true),
        property("properties.authorizationPolicies", "absent", noItems),
      ),
    },
  },
  {
    name: "terminals-keep-their-door",
    reason: "Terminals sign in with keys of their own, from addresses that nobody here knows.",
    remedy: "Set disableDeviceSAS to false and publicNetworkAccess to Enabled.",
    sources: ["design: identities"],
    check: {
      [types.hub]: all(
        mustBe("properties.disableDeviceSAS", false),
        mustBe("properties.publicNetworkAccess", "Enabled"),
      ),
    },
  },
  {
    name: "hub-sends-to-named-hosts-only",
    reason: "A hub that may send anywhere can be made to carry data out.",
    remedy:
      "Set restrictOutboundNetworkAccess to true, and name the hosts in allowedFqdnList, without wildcards.",
    sources: ["Azure Verified Modules"],
    check: {
      [types.hub]: all(
        mustBe("properties.restrictOutboundNetworkAccess", true),
        property("properties.allowedFqdnList", "a list without wildcards", (value) =>
          items(value).every((host) => !String(host).includes("*")),
        ),
      ),
    },
  },
  {
    name: "no-connection-strings-in-the-hub",
    reason: "Endpoints with connection strings put keys into the state and into the hub.",
    remedy: "Leave storageEndpoints away, and let routes sign in with an identity.",
    sources: ["design: no secret in the state"],
    check: {
      [types.hub]: ({ properties }) =>
        findConnectionStrings(properties.properties).map(
          (path) => `properties${path} holds a connection string, and must sign in with an identity.`,
        ),
    },
  },
];

/** Paths of what is called connectionString and is neither empty nor absent. */
function findConnectionStrings(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "connectionString" && inner
      ? [`${path}.${name}`]
      : findConnectionStrings(inner, `${path}.${name}`),
  );
}
