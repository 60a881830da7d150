import type { EngineResource } from "../pack.ts";
import { type Mutation, mutate } from "./mutation.ts";

/** Settings that let a provider work for another subscription, tenant or cloud, or as somebody else. */
const providerSettings: Record<string, unknown>[] = [
  { subscriptionId: "99999999-9999-9999-9999-999999999999" },
  { tenantId: "99999999-9999-9999-9999-999999999999" },
  { environment: "china" },
  { metadataHost: "outside.example.net" },
  { clientSecret: "in plain text" },
  { auxiliaryTenantIds: ["99999999-9999-9999-9999-999999999999"] },
];

/** Each option of each resource that takes protection away, hides a change, or changes who deploys the resource. */
export function mutateOptions(fleet: EngineResource[]): Mutation[] {
  return fleet
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("terminal-fleet:"))
    .flatMap((resource) => [
      ...unprotected(resource),
      ...ignoredChanges(resource),
      ...aliased(fleet, resource),
      ...otherProviders(resource),
      ...recordedOptions(fleet, resource),
    ]);
}

function unprotected(resource: EngineResource): Mutation[] {
  if (!resource.protect) return [];
  const words = { kind: "option", path: "protect", becomes: "off" } as const;
  return [mutate(resource, words, (copy) => (copy.protect = false))];
}

function ignoredChanges(resource: EngineResource): Mutation[] {
  return [...Object.keys(resource.properties), "*"].map((property) =>
    mutate(resource, { kind: "option", path: "ignoreChanges", becomes: property }, (copy) => {
      copy.ignoreChanges = [property];
    }),
  );
}

/** An alias lets a resource take over the state of another one. */
function aliased(fleet: EngineResource[], resource: EngineResource): Mutation[] {
  const other = fleet.find(({ type, name }) => type === resource.type && name !== resource.name);
  const urns = [`${resource.urn}-old`, ...(other ? [other.urn] : [])];
  return urns.map((urn) =>
    mutate(resource, { kind: "option", path: "aliases", becomes: urn.split("::").at(-1)! }, (copy) => {
      copy.aliases = [urn];
    }),
  );
}

function otherProviders(resource: EngineResource): Mutation[] {
  const type = `pulumi:providers:${resource.type.split(":")[0]!}`;
  return providerSettings.map((properties) => {
    const setting = Object.keys(properties)[0]!;
    return mutate(resource, { kind: "option", path: "provider", becomes: `with ${setting}` }, (copy) => {
      copy.provider = { name: "own", type, properties };
    });
  });
}

/** Options that only the state shows. */
function recordedOptions(fleet: EngineResource[], resource: EngineResource): Mutation[] {
  const other = fleet.find(({ type, urn }) => /:ResourceGroup$/.test(type) && urn !== resource.urn)!;
  const options: [name: string, value: unknown][] = [
    ["retainOnDelete", true],
    ["deletedWith", other.urn],
    ["replaceOnChanges", ["*"]],
    ["customTimeouts", { create: 1, update: 1, delete: 1 }],
    ["additionalSecretOutputs", ["name"]],
    ["importID", "/subscriptions/99999999-9999-9999-9999-999999999999"],
    ["resourceHooks", { beforeDelete: ["hook"] }],
  ];
  return options.map(([path, value]) =>
    mutate(resource, { kind: "option", path, becomes: JSON.stringify(value) }, (copy) => {
      copy.recordedOptions = { ...copy.recordedOptions, [path]: value };
    }),
  );
}
