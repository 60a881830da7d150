import { runtime } from "@pulumi/pulumi";
import { deploy } from "../unit/deployment.ts";
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
  return [
    stack,
    ...asked.map(({ type, name, urn, inputs, dependencies }) => ({
      type,
      name,
      urn,
      properties: structuredClone(inputs),
      dependencies,
    })),
  ];
}

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

/** A copy of the fleet with one resource more, some of whose properties are made from resources of the fleet. */
export const withOne = (
  resources: Shown[],
  type: string,
  properties: Record<string, unknown>,
  from: Record<string, string> = {},
): Shown[] => [
  ...resources,
  {
    type,
    name: "added",
    urn: `urn:pulumi:dev::terminal-fleet::${type}::added`,
    // Without any property it would be one that --target leaves out.
    properties: { description: "One more.", ...properties },
    dependencies: Object.fromEntries(
      Object.entries(from).map(([property, source]) => [
        property,
        resources
          .filter(({ name, type }) => name === source && !type.startsWith("terminal-fleet:"))
          .map(({ urn }) => urn),
      ]),
    ),
  },
];
