import { z } from "zod";
import { exactHttpsUrl, structure, text, unique } from "./values.ts";

/*
 * Limits of Entra ID: an application has at most 20 credentials; a name has 3 to 120 characters; issuer and subject have at
 * most 600, must equal those of the token in every character, and are unique as a pair. Source: "Important considerations
 * and restrictions for federated identity credentials" (entra/workload-id/workload-identity-federation-considerations).
 */
const maxFederations = 20;
const issuerAllowed =
  "the issuer of the pipeline's tokens, exactly as in the tokens: an https URL of up to 600 characters, such as https://token.actions.githubusercontent.com";
const listAllowed = "a list of name, issuer and subject";

const federation = z.strictObject(
  {
    name: text("3 to 120 letters, digits, - or _", /^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/),
    // A slash at its end is kept: the token has it or not.
    issuer: exactHttpsUrl(issuerAllowed).max(600, { error: issuerAllowed }),
    subject: text(
      "the subject claim of the pipeline's token, of up to 600 characters",
      /^(?=.{1,600}$)\S(.*\S)?$/,
    ),
  },
  { error: "a map with name, issuer and subject" },
);

/** Schema of the setting `ciFederations`: pipelines that may sign in as the operators' application without a secret. */
export const ciFederations = () => {
  const list = z.array(federation, { error: listAllowed });
  const named = unique(
    list,
    ({ name }) => (typeof name === "string" ? name.toLowerCase() : undefined),
    "each name once, whether in upper or lower case",
    ["name"],
  );
  const paired = unique(
    named,
    ({ issuer, subject }) => (issuer && subject ? JSON.stringify([issuer, subject]) : undefined),
    "each pair of issuer and subject once",
    ["subject"],
  );
  const counted = paired.superRefine(
    (items, context) => {
      if (!Array.isArray(items) || items.length <= maxFederations) return;
      const message = `at most ${maxFederations} pipelines, the limit of Entra ID`;
      context.addIssue({ code: "custom", path: [maxFederations], message, input: items });
    },
    { when: () => true },
  );
  return structure(counted, listAllowed);
};
