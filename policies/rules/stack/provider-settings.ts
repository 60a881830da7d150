import { norwayEast, westEurope } from "../../allowlists/resource-types.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { leafValues, type Properties, type Value } from "../../azure/engine/value.ts";
import { normalizeRegion } from "../../azure/rules/stack/region.ts";

/** Settings of every provider, by name: which values they may have. */
const allowedSettings: Record<string, (value: Value) => boolean> = {
  version: () => true,
  environment: (value) => String(value).toLowerCase() === "public",
  location: (value) => [westEurope, norwayEast].includes(normalizeRegion(value)),
};

/** Settings that only the stack's settings file may give, which a second team reviews. */
const stackSettings = ["subscriptionId", "tenantId", "clientId", "useOidc", "useMsi", "useCli"];

/**
 * Pulumi itself makes a provider with such a name from the stack's settings. resource-subscription compares the
 * subscription of a provider that only has the name.
 */
const isDefault = (name: string) => /^default(_|$)/.test(name);

const hasAllowedSettings: Check = ({ type, name, properties, provider }) => {
  if (type.startsWith("pulumi:providers:")) return describeOthers(name, properties, "the setting");
  return provider ? describeOthers(provider.name, provider.properties, "its provider has the setting") : [];
};

function describeOthers(name: string, settings: Properties, subject: string): string[] {
  const others = leafValues(settings)
    .map(([path, value]) => [path.split(".")[0]!, value] as const)
    .filter(([setting]) => !setting.startsWith("__"))
    .filter(
      ([, value]) =>
        value !== undefined && value !== null && value !== "" && value !== false && value !== "false",
    )
    .filter(([setting]) => !(isDefault(name) && stackSettings.includes(setting)))
    .filter(([setting, value]) => !allowedSettings[setting]?.(value));
  // The value is not repeated: it may be a secret.
  return [...new Set(others.map(([setting]) => setting))].map(
    (setting) =>
      `${subject} ${setting}, or a value of it, that policies/rules/stack/provider-settings.ts does not allow.`,
  );
}

export const providerSettings: ResourceRule = {
  id: "provider-settings",
  severity: "critical",
  description:
    "A provider has no setting that names another cloud, subscription, tenant or plugin, or that is a secret.",
  reason:
    "With its own provider, a resource is deployed where no other rule looks, or by a plugin of others.",
  remedy: "Use the default providers, and set subscription and tenant in the stack's settings file.",
  sources: [pulumiDocs("Resource option: provider", "iac/concepts/resources/options/provider")],
  check: hasAllowedSettings,
};
