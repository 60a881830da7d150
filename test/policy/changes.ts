import type { EngineResource } from "./pack.ts";

/** Returns a changed copy of the fleet. */
export type Change = (resources: EngineResource[]) => EngineResource[];

/** A change that a rule must refuse. */
export interface Refusal {
  rule: string;
  /** What is changed, in the form in which the test's title continues "RULE refuses …". */
  title: string;
  /** Name of the resource that the violation must name. */
  resource: string;
  change: Change;
}

/** The changes that a rule must refuse, by title, each with the name of the resource that the violation must name. */
export const refusals = (
  rule: string,
  cases: Record<string, [resource: string, change: Change]>,
): Refusal[] =>
  Object.entries(cases).map(([title, [resource, change]]) => ({ rule, title, resource, change }));

/** Changes a copy of one resource, and leaves the others as they are. */
const changeOne =
  (name: string, change: (copy: EngineResource) => void): Change =>
  (resources) => {
    const original = find(resources, name);
    const copy = structuredClone(original);
    change(copy);
    return resources.map((resource) => (resource === original ? copy : resource));
  };

/** Sets one property of one resource; undefined removes the property. */
export const set = (name: string, path: string, value: unknown): Change =>
  changeOne(name, ({ properties }) => {
    const steps = path.split(".");
    const last = steps.pop()!;
    let parent = properties;
    for (const step of steps) {
      parent[step] ??= {};
      parent = parent[step] as Record<string, unknown>;
    }
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  });

/** Removes one resource. */
export const remove =
  (name: string): Change =>
  (resources) =>
    resources.filter((resource) => resource.name !== name);

/**
 * Adds a resource with the name "added".
 * @param sources By property, the name of the resource on which it depends.
 */
export const add =
  (type: string, properties: Record<string, unknown> = {}, sources: Record<string, string> = {}): Change =>
  (resources) => [
    ...resources,
    {
      type,
      name: "added",
      urn: `urn:pulumi:dev::terminal-fleet::${type}::added`,
      // A resource without any property is one that --target excludes.
      properties: { description: "An additional resource.", ...properties },
      dependencies: Object.fromEntries(
        Object.entries(sources).map(([property, source]) => [
          property,
          source === "" ? [] : [find(resources, source).urn],
        ]),
      ),
    },
  ];

/** Adds a provider with the name "added". */
export const addProvider =
  (name: string, properties: Record<string, unknown>): Change =>
  (resources) => {
    const type = `pulumi:providers:${name}`;
    const urn = `urn:pulumi:dev::terminal-fleet::${type}::added`;
    return [...resources, { type, name: "added", urn, properties, dependencies: {} }];
  };

/** Sets what is no input of a resource: its options, its provider, its URN. */
export const setOptions = (
  name: string,
  options: Partial<Pick<EngineResource, "urn" | "protect" | "ignoreChanges" | "aliases" | "provider">>,
): Change => changeOne(name, (copy) => Object.assign(copy, options));

/** Moves one resource to the stack prod, unprotected. */
export const unprotectInProd = (name: string): Change =>
  changeOne(name, (copy) => {
    copy.urn = copy.urn.replace(/^urn:pulumi:dev::/, "urn:pulumi:prod::");
    copy.protect = false;
  });

/** Adds a copy of a resource with the name "added". */
export const addCopy =
  (name: string, properties: Record<string, unknown> = {}): Change =>
  (resources) => {
    const copy = structuredClone(find(resources, name));
    Object.assign(copy.properties, properties);
    return [...resources, { ...copy, name: "added", urn: copy.urn.replace(/[^:]+$/, "added") }];
  };

/** Adds a resource with the name "read", which the program reads and does not declare. */
export const addRead =
  (type: string): Change =>
  (resources) => {
    const urn = `urn:pulumi:dev::terminal-fleet::${type}::read`;
    return [...resources, { type, name: "read", urn, properties: {}, dependencies: {}, isRead: true }];
  };

/** Excludes one resource with --target, before it is deployed. */
export const exclude = (name: string): Change =>
  changeOne(name, (copy) => {
    copy.properties = {};
  });

/** Makes a property of one resource depend on these resources and on no others. */
export const setSources =
  (name: string, property: string, ...sources: string[]): Change =>
  (resources) =>
    changeOne(name, ({ dependencies }) => {
      dependencies[property] = sources.map((source) => find(resources, source).urn);
    })(resources);

/** Replaces a part of the Flow API's policy, which must have that part. */
export const replaceInPolicy =
  (part: string | RegExp, replacement: string): Change =>
  (resources) => {
    const policy = policyOf(resources);
    const replaced = policy.replace(part, () => replacement);
    if (replaced === policy) throw new Error(`The policy has no part ${String(part)}.`);
    return set("flow-policy", "value", replaced)(resources);
  };

/** The document of the Flow API's policy. */
export const policyOf = (resources: EngineResource[]) =>
  String(find(resources, "flow-policy").properties.value);

/** Applies several changes, one after the other. */
export const inOrder =
  (...changes: Change[]): Change =>
  (resources) =>
    changes.reduce((fleet, change) => change(fleet), resources);

/** Sets one property of one resource; the violation must name this resource. */
export const edit = (name: string, path: string, value: unknown): [string, Change] => [
  name,
  set(name, path, value),
];

/** Adds a resource; the violation must name it. */
export const added = (...args: Parameters<typeof add>): [string, Change] => ["added", add(...args)];

/** The provider's resource with this name; components may have the same name. */
export function find(resources: EngineResource[], name: string): EngineResource {
  const resource = resources.find((each) => each.name === name && !each.type.startsWith("terminal-fleet:"));
  if (!resource) throw new Error(`The fleet has no resource with the name ${name}.`);
  return resource;
}
