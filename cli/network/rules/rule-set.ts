import type { EndpointList } from "../endpoint-list.ts";
import { azureFirewallRules } from "./azure-firewall.ts";
import { checkPointRules } from "./check-point.ts";
import { csvRules } from "./csv.ts";
import { fortiGateRules } from "./fortigate.ts";
import { paloAltoRules } from "./palo-alto.ts";
import { pfSenseAliases } from "./pfsense.ts";
import type { RuleText } from "./rule-format.ts";
import { groupRows } from "./rule-groups.ts";
import { windowsFirewallRules } from "./windows-firewall.ts";

const formats = [
  windowsFirewallRules,
  fortiGateRules,
  paloAltoRules,
  checkPointRules,
  pfSenseAliases,
  azureFirewallRules,
];

/** Ready rules for common firewalls, and the rows as CSV. */
export function createRules(list: EndpointList, language: "en" | "no"): RuleText[] {
  const groups = groupRows(list);
  return [
    csvRules(list, language),
    ...formats.map(({ render, ...format }) => ({ ...format, text: render(groups) })),
  ];
}
