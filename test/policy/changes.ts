import { changed, withOne, without } from "./fleet.ts";
import type { Shown } from "./pack.ts";

/** Makes another fleet of a fleet. */
export type Change = (resources: Shown[]) => Shown[];

/** A change that a rule refuses, and the name of the resource that it must name. */
export type Refused = [rule: string, resource: string, change: Change];

/** One property of one resource is something else; undefined takes it away. */
export const set =
  (name: string, path: string, value: unknown): Change =>
  (resources) =>
    changed(resources, name, path, value);

/** One resource is not there. */
export const drop =
  (name: string): Change =>
  (resources) =>
    without(resources, name);

/** One resource more, named "added", which is made from others by property. */
export const add =
  (type: string, properties: Record<string, unknown> = {}, from: Record<string, string> = {}): Change =>
  (resources) =>
    withOne(resources, type, properties, from);

/** One resource more, named "read", which is read from elsewhere and not declared. */
export const read =
  (type: string): Change =>
  (resources) => {
    const urn = `urn:pulumi:dev::terminal-fleet::${type}::read`;
    return [...resources, { type, name: "read", urn, properties: {}, dependencies: {}, isRead: true }];
  };

/** --target leaves one resource out that is not made yet. */
export const leaveOut =
  (name: string): Change =>
  (resources) => {
    const copy = structuredClone(resources);
    named(copy, name).properties = {};
    return copy;
  };

/** A property of one resource is made from another one. */
export const madeFrom =
  (name: string, property: string, ...sources: string[]): Change =>
  (resources) => {
    const copy = structuredClone(resources);
    const urns = sources.map((source) => named(copy, source).urn);
    named(copy, name).dependencies[property] = urns;
    return copy;
  };

/** Several changes, one after the other. */
export const both =
  (...changes: Change[]): Change =>
  (resources) =>
    changes.reduce((fleet, change) => change(fleet), resources);

/** The resource with this name that is no component. */
export function named(resources: Shown[], name: string): Shown {
  const found = resources.find((each) => each.name === name && !each.type.startsWith("terminal-fleet:"));
  if (!found) throw new Error(`No resource is called ${name}.`);
  return found;
}
