import { accountsFor, ofType } from "../engine/resource-queries.ts";
import { all, type Declared, mustBe, property, type ResourceRule, type StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, items } from "../engine/value.ts";

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
        property("properties.authorizationPolicies", "absent", isEmpty),
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
        property(
          "properties.allowedFqdnList",
          "a list of hosts without wildcards",
          (value) => items(value).length > 0 && items(value).every((host) => !String(host).includes("*")),
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

/** The same, of what belongs together. */
export const hubStackRules: StackRule[] = [
  {
    name: "hub-sends-to-the-imports-only",
    reason:
      "The hub's import jobs read and write terminals' keys; no account of others may be reached by them.",
    remedy:
      "Let allowedFqdnList name the host of the account that import jobs use, from its outputs, and no other.",
    sources: ["Azure Verified Modules", "design: scale"],
    checkStack: (resources) =>
      ofType(resources, types.hub).flatMap((resource) =>
        foreignHosts(resources, resource).map((problem) => ({ resource, problem })),
      ),
  },
];

function foreignHosts(resources: Declared[], hub: Declared): string[] {
  // Import jobs use the account that is made for them; a stack without one lends them the files'.
  const imports = accountsFor(resources, "device-imports");
  const accounts = imports.length > 0 ? imports : accountsFor(resources, "files");
  const names = accounts.map(({ properties }) => at(properties, "accountName"));
  const isOwn = (host: unknown) => names.some((name) => `${String(name)}.blob.core.windows.net` === host);
  const list = at(hub.properties, "properties.allowedFqdnList");
  const foreign = items(list).filter((host) => typeof host === "string" && !isOwn(host));
  if (foreign.length > 0) return foreign.map((host) => `it may send to ${String(host)}.`);
  // While the names are not known, what the list is made from tells.
  const sources = hub.madeFrom("properties");
  const isKnown = items(list).length > 0 && items(list).every((host) => typeof host === "string");
  return isKnown || accounts.some(({ urn }) => sources.includes(urn))
    ? []
    : ["its allowedFqdnList is not made from the account of the stack that import jobs use."];
}

/** Paths of what is called connectionString and is neither empty nor absent. */
function findConnectionStrings(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "connectionString" && inner
      ? [`${path}.${name}`]
      : findConnectionStrings(inner, `${path}.${name}`),
  );
}
