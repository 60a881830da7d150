import { all, type Check, property, type ResourceRule } from "../engine/rule.ts";
import { secretsIn } from "../engine/secret-shapes.ts";
import { types } from "../engine/type-tokens.ts";
import { at, leaves } from "../engine/value.ts";

/** Resource types whose result is a secret, or that hold one, which Pulumi would keep in its state. */
const secretMakers = [
  "azure-native:apimanagement:Subscription",
  "azure-native:apimanagement:Certificate",
  "azure-native:keyvault:Secret",
  "azuread:index/applicationPassword:ApplicationPassword",
  "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
  "azuread:index/applicationCertificate:ApplicationCertificate",
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
  "tls:index/privateKey:PrivateKey",
];

/** Properties that hold a secret, by how they are called, in whatever resource they are. */
const secretName =
  /(password|secret|connectionString|sharedAccessKey|accessKey|accountKey|primaryKey|secondaryKey|encodedCertificate|clientSecret)$/i;

/** Longest random text that is no secret: the suffix of names has six letters and digits. */
const longestSuffix = 8;

const holdsNoSecret: Check = ({ type, properties }) => [
  ...(secretMakers.includes(type) ? [`a ${type} is a secret in the state.`] : []),
  ...[...leaves(properties)]
    // What is not known yet is text from somewhere: of a secret's name, a secret.
    .filter(([path, value]) => secretName.test(path) && (typeof value === "symbol" || isText(value)))
    .map(([path]) => `${path} is a secret in the state.`),
  ...secretsIn(properties).map(([path, what]) => `${path} looks like ${what}, which would be in the state.`),
];

const isText = (value: unknown) => typeof value === "string" && value !== "";

/** The program makes no secret and keeps none. */
export const secretRules: ResourceRule[] = [
  {
    name: "program-makes-no-secret",
    reason:
      "What the program makes is kept in its state; secrets are made by the operators' command line instead.",
    remedy: "Leave it away; sign in with identities, and make keys when terminals are onboarded.",
    sources: [
      "design: identities",
      "AZR-000316",
      "AZR-000045",
      "Azure Policy f1cc7827",
      "Azure Policy 3aa03346",
    ],
    check: all(holdsNoSecret, (resource) => byType[resource.type]?.(resource) ?? []),
  },
];

const byType: Record<string, Check> = {
  [types.application]: ({ properties }) =>
    at(properties, "password") === undefined ? [] : ["password is a secret in the state."],
  [types.randomString]: all(
    ({ urn }) =>
      urn.includes("terminal-fleet:components:Names$random:")
        ? []
        : ["random text beside the suffix of names is a secret in the state."],
    property(
      "length",
      `at most ${longestSuffix}`,
      (value) => typeof value === "number" && value <= longestSuffix,
    ),
  ),
  "azure-native:apimanagement:NamedValue": ({ properties }) =>
    at(properties, "secret") === true && at(properties, "keyVault") === undefined
      ? ["a secret named value without keyVault is a secret in the state."]
      : [],
  [types.backend]: ({ properties }) =>
    ["authorization.parameter", "header", "query"]
      .filter((path) => at(properties, `credentials.${path}`) !== undefined)
      .map((path) => `credentials.${path} is a secret in the state.`),
};
