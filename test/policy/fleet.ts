import { runtime } from "@pulumi/pulumi";
import { type Asked, deploy } from "../unit/deployment.ts";
import { checkedIn } from "../unit/stack-file.ts";
import type { Shown } from "./pack.ts";

/** What the SDK sends in a preview in place of text that only the update will know. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The resources that the program declares for dev, as the engine would show them, with the stack itself. */
export async function fleet(): Promise<Shown[]> {
  runtime.setAllConfig(checkedIn("dev"));
  const { asked } = await deploy(() => import("../../index.ts"));
  const stack = {
    type: "pulumi:pulumi:Stack",
    name: "terminal-fleet-dev",
    urn: "urn:pulumi:dev::terminal-fleet::pulumi:pulumi:Stack::terminal-fleet-dev",
    properties: { environment: "dev", flowKeysTableName: "terminalkeys" },
    dependencies: {},
  };
  return [stack, ...asked.map((each) => show(each, asked))];
}

function show(resource: Asked, all: Asked[]): Shown {
  const { type, name, inputs } = resource;
  const dependencies: Record<string, string[]> = {};
  for (const [property, value] of Object.entries(inputs)) {
    const source = typeof value === "string" ? madeFrom(value, all) : undefined;
    if (source && source !== resource) dependencies[property] = [urn(source)];
  }
  return { type, name, urn: urn(resource), properties: structuredClone(inputs), dependencies };
}

/** The resource whose ID a value starts with, the longest of them, or whose name a value is or ends in. */
function madeFrom(value: string, all: Asked[]): Asked | undefined {
  const byId = all
    .filter(({ id }) => id.startsWith("/") && (value === id || value.startsWith(`${id}/`)))
    .sort((one, other) => other.id.length - one.id.length)[0];
  return (
    byId ??
    all.find(({ type, inputs }) => type.endsWith(":StorageAccount") && inputs.accountName === value) ??
    all.find(
      ({ type, inputs }) => type.endsWith(":RoleDefinition") && value.endsWith(`/${inputs.roleDefinitionId}`),
    )
  );
}

const urn = ({ type, name }: Asked) => `urn:pulumi:dev::terminal-fleet::${type}::${name}`;

/** A copy of the fleet in which one property of one resource is something else; undefined takes it away. */
export function changed(resources: Shown[], name: string, path: string, value: unknown): Shown[] {
  const copy = structuredClone(resources);
  const target = copy.find(
    (resource) => resource.name === name && !resource.type.startsWith("terminal-fleet:"),
  );
  if (!target) throw new Error(`No resource is called ${name}.`);
  const steps = path.split(".");
  const last = steps.pop()!;
  let at: Record<string, unknown> = target.properties;
  for (const step of steps) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

/** A copy of the fleet without one resource. */
export const without = (resources: Shown[], name: string) =>
  resources.filter((resource) => resource.name !== name);

/** A copy of the fleet with one resource more. */
export const withOne = (resources: Shown[], type: string, properties: Record<string, unknown>): Shown[] => [
  ...resources,
  {
    type,
    name: "added",
    urn: `urn:pulumi:dev::terminal-fleet::${type}::added`,
    properties,
    dependencies: {},
  },
];
