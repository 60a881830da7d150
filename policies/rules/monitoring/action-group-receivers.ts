import { isOwnAddress, mailDomains } from "../../allowlists/outsiders.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import {
  formatValue,
  isEmpty,
  listItems,
  unknownValue,
  type Value,
  valueAt,
} from "../../azure/engine/value.ts";

const reachesPeople: Check = ({ properties }) => {
  const receivers = valueAt(properties, "emailReceivers");
  if (receivers === unknownValue) return [];
  const items = listItems(receivers);
  const others = Object.keys(properties).filter(
    (name) => /Receivers$/.test(name) && name !== "emailReceivers" && !isEmpty(valueAt(properties, name)),
  );
  return [
    ...(items.length === 0 ? ["emailReceivers is empty; it must have an address."] : []),
    ...items.flatMap((receiver, index) => describeReceiver(receiver, `emailReceivers.${index}`)),
    ...others.map((name) => `${name} is set; alerts go by e-mail only.`),
  ];
};

function describeReceiver(receiver: Value, path: string): string[] {
  const address = valueAt(receiver, "emailAddress");
  return [
    ...(address === unknownValue || isOwnAddress(address)
      ? []
      : [
          `${path}.emailAddress is ${formatValue(address)}; it must be an address of ${mailDomains.join(" or ")} (policies/allowlists/outsiders.ts).`,
        ]),
    ...(isEmpty(valueAt(receiver, "name")) && valueAt(receiver, "name") !== unknownValue
      ? [`${path}.name is not set.`]
      : []),
    ...(valueAt(receiver, "useCommonAlertSchema") === true
      ? []
      : [`${path}.useCommonAlertSchema must be true: the mails of all alerts have one form.`]),
  ];
}

export const actionGroupReceivers: ResourceRule = {
  id: "action-group-receivers",
  severity: "high",
  description:
    "Alerts go by e-mail to addresses of the listed domains, to one at least, and to nothing else.",
  reason:
    "Alerts name resources and what is wrong with them. A webhook or another domain shows it to others.",
  remedy: "Set alertEmails in the stack's settings; domains are in policies/allowlists/outsiders.ts.",
  sources: [microsoftLearn("Action groups", "azure/azure-monitor/alerts/action-groups")],
  check: { [types.actionGroup]: reachesPeople },
};
