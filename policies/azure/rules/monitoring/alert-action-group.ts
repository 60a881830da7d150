import { dependsOn, resourcesOfType } from "../../engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { idPaths, isIdOf } from "../../engine/stack-values.ts";
import { types } from "../../engine/type-tokens.ts";
import { listItems, unknownValue, type Value, valueAt } from "../../engine/value.ts";

/** By type of alert: the property with the action groups, and the ID in one of its items. */
const actions: [type: string, property: string, path: string, id: (item: Value) => Value][] = [
  [types.metricAlert, "actions", "actions", (item) => valueAt(item, "actionGroupId")],
  [types.logAlert, "actions", "actions.actionGroups", (item) => item],
];

export const alertActionGroup: StackRule = {
  id: "alert-action-group",
  severity: "high",
  description: "An alert notifies the stack's own action group, and nothing else.",
  reason: "An alert without a receiver is not read, and one that goes to others shows them what happens.",
  remedy: "Set the stack's own action group as the only one.",
  sources: [microsoftLearn("Action groups", "azure/azure-monitor/alerts/action-groups")],
  checkStack: (resources) => {
    const groups = resourcesOfType(resources, types.actionGroup);
    return actions.flatMap(([type, property, path, idOf]) =>
      resourcesOfType(resources, type)
        .filter((alert) => !notifiesOnly(alert, property, path, idOf, groups))
        .map((resource) => ({ resource, problem: `${path} is not the stack's own action group alone.` })),
    );
  },
};

function notifiesOnly(
  alert: DeclaredResource,
  property: string,
  path: string,
  idOf: (item: Value) => Value,
  groups: DeclaredResource[],
): boolean {
  const value = valueAt(alert.properties, path);
  if (value === unknownValue) return dependsOn(alert, property, groups);
  const items = listItems(value);
  const id = idOf(items[0]);
  if (items.length !== 1) return false;
  if (id === unknownValue) return dependsOn(alert, property, groups);
  return typeof id === "string" && groups.some((group) => isIdOf(group, idPaths.actionGroup, id));
}
