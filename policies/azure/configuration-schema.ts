import { isStackRule, type Rule } from "./engine/rule.ts";

/** How a violation of a rule acts. Pulumi knows "remediate" too, and no rule here can mend a resource. */
const enforcementLevels = {
  enum: ["mandatory", "advisory", "disabled"],
  description: "mandatory stops the deployment, advisory warns, disabled does not check.",
};

/**
 * The JSON schema of a file for Pulumi's --policy-pack-config: one property for each rule, with its enforcement level
 * or its settings. Each environment can have a file of its own.
 * Source: https://www.pulumi.com/docs/insights/policy/policy-packs/configuration/
 */
export function configurationSchema(rules: Rule[]): object {
  const { enum: levels } = enforcementLevels;
  const ruleSchema = (rule: Rule) => ({
    description: rule.description,
    anyOf: [
      { enum: levels },
      {
        type: "object",
        properties: {
          enforcementLevel: { ...enforcementLevels, default: rule.isAdvisory ? "advisory" : "mandatory" },
          ...(isStackRule(rule) ? {} : rule.settings),
        },
        additionalProperties: false,
      },
    ],
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of @terminal-fleet/azure-policies",
    description: "For `pulumi preview --policy-pack FOLDER --policy-pack-config FILE`.",
    type: "object",
    properties: {
      all: {
        ...enforcementLevels,
        description: "The enforcement level of every rule that has none of its own.",
      },
      ...Object.fromEntries(rules.map((rule) => [rule.id, ruleSchema(rule)])),
    },
    additionalProperties: false,
  };
}
