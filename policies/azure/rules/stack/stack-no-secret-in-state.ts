import { allOf, requireProperty } from "../../engine/checks.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { findSecrets } from "../../engine/secret-shapes.ts";
import { azurePolicy, psRule, pulumiDocs } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { leafValues, unknownValue, type Value, valueAt } from "../../engine/value.ts";

/** Types that create or hold a secret, which Pulumi keeps in its state. */
const secretTypes = [
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

/** Names of properties that hold a secret, in any resource. */
const secretName =
  /(password|secret|connectionString|sharedAccessKey|accessKey|accountKey|primaryKey|secondaryKey|encodedCertificate|clientSecret)$/i;

/** The longest random text, in characters, that is no secret. The suffix of resource names has six. */
const longestRandomText = 8;

export const stackNoSecretInState: ResourceRule = {
  id: "stack-no-secret-in-state",
  severity: "critical",
  description: "The program creates no secret, and passes none to a resource.",
  reason:
    "Pulumi keeps the inputs and outputs of resources in its state. The command line creates secrets instead.",
  remedy: "Remove it: sign in with managed identities, and create keys with `npx terminals onboard`.",
  sources: [
    pulumiDocs("Secrets", "iac/concepts/secrets"),
    psRule("AZR-000316", "Azure.Deployment.SecureValue"),
    psRule("AZR-000045", "Azure.APIM.EncryptValues"),
    azurePolicy("f1cc7827-022c-473e-836e-5a51cae0b249"),
    azurePolicy("3aa03346-d8c5-4994-a5bc-7652c2a2aef1"),
  ],
  check: allOf(hasNoSecret, (resource) => checksByType[resource.type]?.(resource) ?? []),
};

function hasNoSecret({ type, properties }: Parameters<Check>[0]): string[] {
  return [
    ...(secretTypes.includes(type) ? [`a ${type} is a secret in the state.`] : []),
    ...leafValues(properties)
      // A value that is not known yet is text that another resource returns.
      .filter(([path, value]) => secretName.test(path) && (value === unknownValue || isNonEmptyText(value)))
      .map(([path]) => `${path} is a secret in the state.`),
    ...findSecrets(properties).map(
      ([path, kind]) => `${path} looks like ${kind}, which would be in the state.`,
    ),
  ];
}

const isNonEmptyText = (value: Value) => typeof value === "string" && value !== "";

const checksByType: Record<string, Check> = {
  [types.application]: ({ properties }) =>
    valueAt(properties, "password") === undefined ? [] : ["password is a secret in the state."],
  [types.randomString]: allOf(
    ({ urn }) =>
      urn.includes("terminal-fleet:components:Names$random:")
        ? []
        : ["random text other than the suffix of resource names is a secret in the state."],
    requireProperty(
      "length",
      `at most ${longestRandomText}`,
      (value) => typeof value === "number" && value <= longestRandomText,
    ),
  ),
  [types.namedValue]: ({ properties }) =>
    valueAt(properties, "secret") === true && valueAt(properties, "keyVault") === undefined
      ? ["a secret named value without keyVault is a secret in the state."]
      : [],
  [types.backend]: ({ properties }) =>
    ["authorization.parameter", "header", "query"]
      .filter((path) => valueAt(properties, `credentials.${path}`) !== undefined)
      .map((path) => `credentials.${path} is a secret in the state.`),
};
