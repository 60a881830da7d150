import { flowApis } from "../../allowlists/outsiders.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { formatValue, unknownValue, valueAt } from "../../azure/engine/value.ts";
import { isInternalHost } from "../../azure/rules/api-management/internal-host.ts";

const callsTheFlowApi: Check = ({ urn, properties }) => {
  const url = valueAt(properties, "url");
  if (url === unknownValue) return [];
  const { host, username, password } = parse(url);
  const wanted = flowApis[stackOf(urn)]?.host;
  if (isInternalHost(host)) {
    return [
      `url is ${formatValue(url)}; its host must not be local, private or link-local, whatever is listed.`,
    ];
  }
  if (wanted !== undefined && host === wanted && username === "" && password === "") return [];
  return [
    `url is ${formatValue(url)}; its host must be ${wanted ?? "one that is listed for the stack"} (policies/allowlists/outsiders.ts).`,
  ];
};

const parse = (url: unknown) =>
  typeof url === "string" && URL.canParse(url) ? new URL(url) : { host: "", username: "", password: "" };

export const apiManagementBackendHost: ResourceRule = {
  id: "api-management-backend-host",
  severity: "critical",
  description:
    "The gateway calls the Flow API's host of policies/allowlists/outsiders.ts, and never a local address.",
  reason:
    "Another host receives the gateway's token and every live lookup, which name terminals and employees.",
  remedy:
    "Set flowApiUrl in the stack's settings to the listed host, or change policies/allowlists/outsiders.ts.",
  sources: [microsoftLearn("API Management backends", "azure/api-management/backends")],
  check: { [types.backend]: callsTheFlowApi },
};
