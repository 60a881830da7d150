import { allOf, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, texts } from "../../engine/settings.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { listItems } from "../../engine/value.ts";

/** The audience of a token that a pipeline exchanges for one of Entra ID. */
const exchangeAudience = "api://AzureADTokenExchange";

const settings = {
  issuers: texts("The issuers of tokens that a credential may trust. When empty: every https URL.", []),
  subjects: texts(
    "The subjects that a credential may trust, exactly. When empty: every one but a pull request.",
    [],
  ),
};

/** Checks that a list has the value of a property; an empty list has every value. */
const requireListed = (path: string, allowed: string[]) =>
  requireProperty(
    path,
    allowed.join(" or "),
    (value) => allowed.length === 0 || allowed.includes(String(value)),
  );

export const federatedCredentialOnePipeline: ResourceRule = {
  id: "federated-credential-one-pipeline",
  severity: "critical",
  description: "A federated credential trusts one pipeline, and no pull request.",
  reason: "The token of a trusted pipeline gives the roles of the operators.",
  remedy: `Set issuer and subject of one pipeline that runs reviewed code only, and audiences to ["${exchangeAudience}"].`,
  sources: [
    microsoftLearn(
      "Workload identity federation: considerations",
      "entra/workload-id/workload-identity-federation-considerations",
    ),
  ],
  settings,
  check: {
    [types.federatedCredential]: allOf(
      bySettings(settings, ({ issuers, subjects }) =>
        allOf(requireListed("issuer", issuers), requireListed("subject", subjects)),
      ),
      requireProperty("issuer", "an https URL", (value) => /^https:\/\/[a-z0-9]/.test(String(value))),
      requireProperty("audiences", `["${exchangeAudience}"]`, (value) => {
        const audiences = listItems(value);
        return audiences.length === 1 && audiences[0] === exchangeAudience;
      }),
      // GitHub uses this subject for code that has not been reviewed yet.
      requireProperty(
        "subject",
        "one pipeline, and no pull request",
        (value) => Boolean(value) && !/:pull_request(:|$)/.test(String(value)),
      ),
    ),
  },
};
