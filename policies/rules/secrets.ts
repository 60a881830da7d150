import type { Finding, ResourceRule, StackRule } from "../rule.ts";
import { at, type Properties, type Value } from "../value.ts";

/** Resource types whose result is a secret, which Pulumi would keep in its state. */
const secretMakers = [
  "azure-native:apimanagement:Subscription",
  "azuread:index/applicationPassword:ApplicationPassword",
  "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
  "azuread:index/applicationCertificate:ApplicationCertificate",
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
  "tls:index/privateKey:PrivateKey",
];

const secretShapes: [what: string, shape: RegExp][] = [
  ["a connection string", /(AccountKey|SharedAccessKey|Password|pwd)=/i],
  ["a shared access signature", /[?&]?sig=[A-Za-z0-9%+/]{20,}/],
  ["a token", /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1/],
  ["a key of 32 or 64 bytes", /^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9+/]{86}==$/],
  ["an API Management key", /^[0-9a-f]{32}$/],
];

/** The program makes no secret, keeps none and shows none. */
export const secretRules: ResourceRule[] = [
  {
    name: "program-makes-no-secret",
    reason:
      "What the program makes is kept in its state; secrets are made by the operators' command line instead.",
    remedy: "Leave it away; sign in with identities, and make keys when terminals are onboarded.",
    sources: ["design: identities", "AZR-000316", "Azure Policy f1cc7827"],
    check: {
      ...Object.fromEntries(
        secretMakers.map((type) => [type, () => [`a ${type} is a secret in the state.`]]),
      ),
      "azuread:index/application:Application": ({ properties }) =>
        at(properties, "password") === undefined ? [] : ["password is a secret in the state."],
      "azure-native:apimanagement:NamedValue": ({ properties }) =>
        at(properties, "secret") === true && at(properties, "keyVault") === undefined
          ? ["a secret named value without keyVault is a secret in the state."]
          : [],
      "azure-native:apimanagement:Backend": ({ properties }) =>
        ["authorization.parameter", "header", "query"]
          .filter((path) => at(properties, `credentials.${path}`) !== undefined)
          .map((path) => `credentials.${path} is a secret in the state.`),
    },
  },
];

/** Rules on what the stack hands out. */
export const secretStackRules: StackRule[] = [
  {
    name: "no-secret-in-outputs",
    reason: "Outputs are shown in consoles and logs, and the command line reads them from there.",
    remedy: "Leave it out of the outputs; the command line asks Azure for keys when it needs them.",
    sources: ["AZR-000279"],
    checkStack: (resources) =>
      resources
        .filter(({ type }) => type === "pulumi:pulumi:Stack" || type.startsWith("terminal-fleet:"))
        .flatMap((resource) =>
          secretsIn(resource.properties).map(
            ([path, what]): Finding => ({ resource, problem: `the output ${path} looks like ${what}.` }),
          ),
        ),
  },
];

/** Paths and kinds of what looks like a secret; the value itself is never repeated. */
function secretsIn(properties: Properties): [path: string, what: string][] {
  return Object.entries(properties).flatMap(([name, value]) => lookInto(name, value));
}

function lookInto(path: string, value: Value): [path: string, what: string][] {
  if (typeof value === "string") {
    const shape = secretShapes.find(([, expression]) => expression.test(value));
    return shape ? [[path, shape[0]]] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => lookInto(`${path}.${name}`, inner as Value));
}
