import { fillPath, matchPath, pathKeys } from "../resource-manager/resource-ids.ts";
import type { ResourceBody } from "../resource-manager/resource-manager.ts";
import type { ResourceType } from "../resource-manager/resource-type.ts";
import type { Resource } from "../resource-manager/resources.ts";
import type { Properties, Value } from "./provider.ts";
import { isObject, isUnknown, unknownValue } from "./wire.ts";

/** The inputs that name the resource: they end up in its ID and not in its body. */
export function nameInputs(type: ResourceType): string[] {
  return pathKeys(type.path).filter((key) => key !== "subscriptionId");
}

/** The input that holds the resource's own name. */
export function ownName(type: ResourceType): string {
  return pathKeys(type.path).at(-1) as string;
}

export function toId(type: ResourceType, subscriptionId: string, inputs: Properties): string {
  const names = Object.fromEntries(nameInputs(type).map((key) => [key, String(inputs[key])]));
  return fillPath(type.path, { ...names, subscriptionId });
}

/** The body that azure-native would PUT: most inputs move under `properties`, some under another name. */
export function toBody(type: ResourceType, inputs: Properties): ResourceBody {
  const names = new Set([...nameInputs(type), "azureApiVersion"]);
  const properties: Properties = {};
  const body: Properties = { properties };
  for (const [input, value] of Object.entries(inputs)) {
    if (names.has(input) || input.startsWith("__")) continue;
    (type.topLevel.includes(input) ? body : properties)[input] = value;
  }
  return rename(body, type.renames ?? {}) as unknown as ResourceBody;
}

/** The outputs that azure-native would read from an answer. */
export function toOutputs(type: ResourceType, resource: Resource): Properties {
  const { id: _, properties, ...rest } = resource;
  const back = Object.fromEntries(Object.entries(type.renames ?? {}).map(([sdk, rest]) => [rest, sdk]));
  const flat = type.topLevel.includes("properties") ? { properties } : properties;
  return {
    ...(rename(flat as Properties, back) as Properties),
    ...(rest as unknown as Properties),
    azureApiVersion: type.apiVersion,
  };
}

/** Outputs of a resource that does not exist yet, or whose change is not made yet. */
export function toPreview(type: ResourceType, inputs: Properties): Properties {
  const names = new Set(nameInputs(type));
  const outputs: Properties = {};
  for (const [input, value] of Object.entries(inputs)) {
    if (!names.has(input) && !input.startsWith("__")) outputs[input] = structuredClone(value);
  }
  for (const path of ["name", "type", ...type.computed]) setUnknown(outputs, path.split("."));
  return { ...outputs, azureApiVersion: type.apiVersion };
}

/** The inputs of a resource that was not made by this program. */
export function toInputs(type: ResourceType, id: string, outputs: Properties): Properties {
  const { subscriptionId: _, ...names } = matchPath(type.path, id)?.names ?? {};
  return { ...names, ...project(type, outputs) };
}

/** The part of the outputs that are inputs too. */
export function project(type: ResourceType, outputs: Properties): Properties {
  const inputs = new Set(Object.keys(type.inputs.shape));
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => inputs.has(name)));
}

function setUnknown(outputs: Properties, [name, ...rest]: string[]): void {
  if (name === undefined) return;
  const value = outputs[name];
  if (rest.length === 0) outputs[name] = unknownValue;
  else if (isObject(value) && !isUnknown(value)) setUnknown(value, rest);
}

function rename(value: Value, names: Record<string, string>): Value {
  if (Array.isArray(value)) return value.map((each) => rename(each, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      Object.hasOwn(names, name) ? (names[name] as string) : name,
      // What is in tags is named by people.
      name === "tags" ? each : rename(each, names),
    ]),
  );
}
