import { type Check, isStackRule, type Rule, type SettingValues } from "./rule.ts";

/** What the pack of one program changes of a rule. */
export interface Adaptation {
  /** Values of the rule's settings. They replace its defaults. */
  settings?: SettingValues;
  /** Words of the rule's messages that name the program's own promises and files. Default: the rule's own words. */
  description?: string;
  reason?: string;
  remedy?: string;
}

/**
 * Adapts a rule to one program. The result has no settings, so Pulumi's --policy-pack-config cannot change it, except
 * for its enforcement level.
 * @throws Error if the rule has no setting of a given name.
 */
export function adaptRule(rule: Rule, { settings: values = {}, ...words }: Adaptation = {}): Rule {
  const schemas = isStackRule(rule) ? {} : (rule.settings ?? {});
  const unknown = Object.keys(values).filter((name) => !(name in schemas));
  if (unknown.length > 0) throw new Error(`The rule ${rule.id} has no setting ${unknown.join(", ")}`);
  if (isStackRule(rule)) return { ...rule, ...words };
  const { settings: _, check, ...rest } = rule;
  const withValues =
    (each: Check): Check =>
    (resource) =>
      each(resource, values);
  return {
    ...rest,
    ...words,
    check:
      typeof check === "function"
        ? withValues(check)
        : Object.fromEntries(Object.entries(check).map(([type, each]) => [type, withValues(each)])),
  };
}
