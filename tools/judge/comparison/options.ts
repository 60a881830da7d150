import type { StateResource } from "../deployment/stack-state.ts";

/**
 * The options of a resource that the state records, without those that have their defaults. An alias and the resource
 * with which it is deleted are URNs.
 */
export function optionsOf(resource: StateResource): Record<string, unknown> {
  const { protect, retainOnDelete, ignoreChanges, replaceOnChanges, aliases, deletedWith } = resource;
  const { additionalSecretOutputs, customTimeouts, importID, resourceHooks } = resource;
  const options = {
    protect,
    retainOnDelete,
    ignoreChanges,
    replaceOnChanges,
    aliases,
    deletedWith,
    additionalSecretOutputs,
    customTimeouts,
    importID,
    resourceHooks,
    provider: ownProvider(resource),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value)));
}

/** The name of a provider that the program declares. The engine's own are called default_VERSION. */
function ownProvider({ provider }: StateResource): string | undefined {
  const name = provider?.split("::").at(-2);
  return name === undefined || name.startsWith("default") ? undefined : name;
}

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
