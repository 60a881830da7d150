import { z } from "zod";
import { exactHttpsUrl, noneTwice, structure, text } from "./values.ts";

/*
 * Entra ID's limits, from "Important considerations and restrictions for federated identity credentials"
 * (entra/workload-id/workload-identity-federation-considerations): 20 for an application; a name of 3 to 120
 * characters; issuer and subject of up to 600, compared with the token's letter by letter, and unique as a pair.
 */
const mostFederations = 20;
const issuerAllowed =
  "the issuer of the pipeline's tokens, exactly as they have it: an https URL of up to 600 characters, such as https://token.actions.githubusercontent.com";
const listAllowed = "a list of name, issuer and subject";

const federation = z.strictObject(
  {
    name: text("3 to 120 letters, digits, - or _", /^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/),
    // With or without a slash at its end: that is for the token to say.
    issuer: exactHttpsUrl(issuerAllowed).max(600, { error: issuerAllowed }),
    subject: text(
      "the subject claim of the pipeline's token, of up to 600 characters",
      /^(?=.{1,600}$)\S(.*\S)?$/,
    ),
  },
  { error: "a map with name, issuer and subject" },
);

/** Pipelines that may sign in as the operators' application, without a secret. */
export const ciFederations = () => {
  const list = z.array(federation, { error: listAllowed });
  const named = noneTwice(
    list,
    ({ name }) => (typeof name === "string" ? name.toLowerCase() : undefined),
    "each name once, whether in upper or lower case",
    ["name"],
  );
  const paired = noneTwice(
    named,
    ({ issuer, subject }) => (issuer && subject ? JSON.stringify([issuer, subject]) : undefined),
    "each pair of issuer and subject once",
    ["subject"],
  );
  const counted = paired.superRefine(
    (items, context) => {
      if (!Array.isArray(items) || items.length <= mostFederations) return;
      const message = `at most ${mostFederations} of them, which is Entra ID's limit`;
      context.addIssue({ code: "custom", path: [mostFederations], message, input: items });
    },
    { when: () => true },
  );
  return structure(counted, listAllowed);
};
