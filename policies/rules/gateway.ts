import { all, mustBe, property, type ResourceRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, unknown } from "../value.ts";

const sections = ["inbound", "backend", "outbound", "on-error"];

/** The Flow API is reached through both doors, and neither key goes further than the gateway. */
export const gatewayRules: ResourceRule[] = [
  {
    name: "gateway-identity",
    reason:
      "The gateway looks terminals up and calls the Flow API as itself; anything else would be a kept secret.",
    remedy: "Give the service a system-assigned identity, and minApiVersion 2021-08-01 or newer.",
    sources: ["AZR-000053", "AZR-000321"],
    check: {
      [types.gateway]: all(
        property("identity.type", "SystemAssigned", (value) => String(value).includes("SystemAssigned")),
        property(
          "apiVersionConstraint.minApiVersion",
          "2021-08-01 or newer",
          (value) => typeof value === "string" && value >= "2021-08-01",
        ),
      ),
    },
  },
  {
    name: "api-needs-subscription",
    reason: "The shared key is the first door of the Flow API.",
    remedy: "Set subscriptionRequired to true, and name and describe the API.",
    sources: ["design: flow ingress", "AZR-000043"],
    check: {
      [types.api]: all(
        mustBe("subscriptionRequired", true),
        property("displayName", "set", Boolean),
        property("description", "set", Boolean),
      ),
    },
  },
  {
    name: "api-policy-keeps-both-doors",
    reason: "A terminal that was revoked is refused on its next call, and neither key reaches the Flow API.",
    remedy: "Use the policy of components/flow-policy.ts.",
    sources: ["AZR-000371", "Azure Policy d5448c98", "AZR-000365", "design: flow ingress"],
    check: {
      [types.apiPolicy]: ({ properties }) => {
        const value = at(properties, "value");
        return value === unknown ? [] : faults(String(value ?? ""));
      },
    },
  },
];

function faults(policy: string): string[] {
  const found: string[] = [];
  for (const section of sections) {
    const body = new RegExp(`<${section}>([\\s\\S]*?)</${section}>`).exec(policy)?.[1] ?? "";
    if (!/<base\s*\/>/.test(body)) found.push(`the section ${section} has no <base />.`);
  }
  for (const header of ["Ocp-Apim-Subscription-Key", "X-Terminal-Key"]) {
    if (!new RegExp(`<set-header\\s+name="${header}"\\s+exists-action="delete"`).test(policy)) {
      found.push(`the header ${header} is not deleted, so the key reaches the backend.`);
    }
  }
  if (!/<set-query-parameter\s+name="subscription-key"\s+exists-action="delete"/.test(policy)) {
    found.push("the query parameter subscription-key is not deleted, so the key reaches the backend.");
  }
  if (
    !/<send-request[\s\S]*<authentication-managed-identity\s+resource="https:\/\/storage\.azure\.com\/"/.test(
      policy,
    )
  ) {
    found.push("the terminal is not looked up with the gateway's identity.");
  }
  if (!/<rate-limit-by-key\s/.test(policy)) found.push("there is no limit for a terminal's calls.");
  if (/<cache-(lookup|store)/.test(policy))
    found.push("it caches, so a revoked terminal would get in for a while.");
  if (/<origin>\s*\*\s*<\/origin>/.test(policy)) found.push("it lets every web page call the API (CORS *).");
  return found;
}
