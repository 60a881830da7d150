import { ofType } from "../engine/resource-queries.ts";
import { all, type Declared, property, type ResourceRule, type StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { items } from "../engine/value.ts";

/** What a pipeline's token is for, when it is to be exchanged for one of Entra ID. */
const exchange = "api://AzureADTokenExchange";

/** Pipelines sign in without a secret, each as itself. */
export const identityRules: ResourceRule[] = [
  {
    name: "pipelines-sign-in-as-themselves",
    reason: "Whoever gets a pipeline's token operates the fleet.",
    remedy:
      "Name issuer and subject of one pipeline whose code somebody has looked at, and let the application take this tenant's sign-ins alone.",
    sources: ["design: identities", "Entra ID: workload identity federation"],
    check: {
      [types.application]: property(
        "signInAudience",
        '"AzureADMyOrg" or absent',
        (value) => value === undefined || value === "AzureADMyOrg",
      ),
      [types.federation]: all(
        property("issuer", "an https URL", (value) => /^https:\/\/[a-z0-9]/.test(String(value))),
        property(
          "audiences",
          `["${exchange}"]`,
          (value) => items(value).length === 1 && items(value)[0] === exchange,
        ),
        // GitHub's subject of whatever somebody proposes, before anybody has looked at it.
        property(
          "subject",
          "one pipeline, and no pull request",
          (value) => Boolean(value) && !/:pull_request(:|$)/.test(String(value)),
        ),
      ),
    },
  },
];

/** The same, of what belongs together: what each is made from, and of which type. */
const made: [type: string, property: string, source: string][] = [
  [types.servicePrincipal, "clientId", types.application],
  [types.federation, "applicationId", types.application],
  [types.groupMember, "groupObjectId", types.group],
];

export const identityStackRules: StackRule[] = [
  {
    name: "identities-are-the-stacks-own",
    reason: "An application of others that is let in here is governed by others.",
    remedy:
      "Make service principal and credentials from the stack's own application, and members of its own group.",
    sources: ["design: identities"],
    checkStack: (resources) =>
      made.flatMap(([type, property, source]) =>
        ofType(resources, type)
          .filter((resource) => !isMadeFrom(resources, resource, property, source))
          .map((resource) => ({
            resource,
            problem: `its ${property} is not made from the stack's own ${source.split(":").at(-1)}.`,
          })),
      ),
  },
];

const isMadeFrom = (resources: Declared[], resource: Declared, property: string, source: string) =>
  ofType(resources, source).some(({ urn }) => resource.madeFrom(property).includes(urn));
