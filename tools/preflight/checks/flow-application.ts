import { OperatorError } from "@terminal-fleet/cli/azure-access";
import { type Check, couldNotTell, failed, passed } from "../check.ts";

const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * Codes with which Entra ID refuses a token although the application exists: no consent (65001), no assignment (501051,
 * 50105). Source: "Microsoft Entra authentication and
 * authorization error codes".
 */
const existing = ["AADSTS65001", "AADSTS501051", "AADSTS50105"];

/**
 * Whether the Flow API's application exists in the tenant. The gateway requests its tokens for the setting
 * flowApiAudience, and Entra ID answers AADSTS500011 when no application in the tenant has this ID. The check requests
 * such a token itself and throws it away. New applications take an ID of the form api://NAME in some tenants only
 * (entra/identity-platform/identifier-uri-restrictions).
 */
export const flowApplicationCheck: Check = {
  id: "flow-application",
  async run({ declaration, signIn, signal }) {
    const audience = declaration.settings.flowApiAudience;
    if (!audience)
      return couldNotTell("the setting flowApiAudience is not known", "Set it in the stack's settings.");
    let refusal: OperatorError;
    try {
      await signIn.credential.getToken(`${audience}/.default`, { abortSignal: signal });
      return passed(`the tenant has an application with the ID ${audience}`);
    } catch (error) {
      // No answer is no verdict.
      if (!(error instanceof OperatorError) || error.outcome !== "notAllowed") throw error;
      refusal = error;
    }
    const { code } = refusal;
    if (code !== undefined && existing.includes(code))
      return passed(`the tenant has an application with the ID ${audience}`);
    if (code === "AADSTS500011") {
      return failed(`no application in the tenant has the ID ${audience} (${code})`, [
        "Register the Flow API in Entra ID, or correct the setting flowApiAudience:",
        "  az ad app list --display-name NAME --query [].identifierUris",
        ...(guid.test(audience)
          ? []
          : [
              "A tenant can refuse an ID of the form api://NAME for a new application. The form api://CLIENT-ID is always taken.",
            ]),
      ]);
    }
    return couldNotTell(`Entra ID issued no token for ${audience}: ${code ?? "no code"}`, [
      "Look the application up:",
      `  az ad sp list --filter "servicePrincipalNames/any(n:n eq '${audience}')" --query [].displayName`,
    ]);
  },
};
