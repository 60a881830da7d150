import { fillPath, matchPath, pathKeys } from "../resource-manager/resource-ids.ts";
import type { ResourceBody } from "../resource-manager/resource-manager.ts";
import type { ResourceType } from "../resource-manager/resource-type.ts";
import type { Resource } from "../resource-manager/resources.ts";
import type { Properties, Value } from "./provider.ts";
import { isObject, isUnknown, unknownValue } from "./wire.ts";

/** The inputs that are part of the resource's ID and not of its body. */
export function nameInputs(type: ResourceType): string[] {
  return pathKeys(type.path).filter((key) => key !== "subscriptionId");
}

/** The input with the resource's own name. */
export function ownNameInput(type: ResourceType): string {
  return pathKeys(type.path).at(-1) as string;
}

export function toId(type: ResourceType, subscriptionId: string, inputs: Properties): string {
  const names = Object.fromEntries(nameInputs(type).map((key) => [key, String(inputs[key])]));
  return fillPath(type.path, { ...names, subscriptionId });
}

/** The body of the PUT that azure-native would send. Most inputs move into `properties`, some under another name. */
export function toBody(type: ResourceType, inputs: Properties): ResourceBody {
  const names = new Set([...nameInputs(type), "azureApiVersion"]);
  const properties: Properties = {};
  const body: Properties = { properties };
  for (const [input, value] of Object.entries(inputs)) {
    if (names.has(input) || input.startsWith("__")) continue;
    (type.topLevel.includes(input) ? body : properties)[input] = value;
  }
  // The inputs were validated with the type's schema. Their types as a body are not known statically.
  return rename(body, type.renames ?? {}) as unknown as ResourceBody;
}

/** The outputs that azure-native would read from an answer of Resource Manager. */
export function toOutputs(type: ResourceType, resource: Resource): Properties {
  const { id: _, properties, ...rest } = resource;
  const sdkNames = Object.fromEntries(
    Object.entries(type.renames ?? {}).map(([sdkName, restName]) => [restName, sdkName]),
  );
  const flat = type.topLevel.includes("properties") ? { properties } : properties;
  return {
    ...(rename(flat as Properties, sdkNames) as Properties),
    // A resource is JSON, as Properties are.
    ...(rest as unknown as Properties),
    azureApiVersion: type.apiVersion,
  };
}

/** The outputs in a preview: those that Azure sets are unknown. */
export function toPreview(type: ResourceType, inputs: Properties): Properties {
  const names = new Set(nameInputs(type));
  const outputs: Properties = {};
  for (const [input, value] of Object.entries(inputs)) {
    if (!names.has(input) && !input.startsWith("__")) outputs[input] = structuredClone(value);
  }
  for (const path of ["name", "type", ...type.computed]) setUnknown(outputs, path.split("."));
  return { ...outputs, azureApiVersion: type.apiVersion };
}

/** The inputs of an imported resource. */
export function toInputs(type: ResourceType, id: string, outputs: Properties): Properties {
  const { subscriptionId: _, ...names } = matchPath(type.path, id)?.names ?? {};
  return { ...names, ...pickInputs(type, outputs) };
}

/** The outputs that are inputs too. */
export function pickInputs(type: ResourceType, outputs: Properties): Properties {
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
      // The names of tags are the program's.
      name === "tags" ? each : rename(each, names),
    ]),
  );
}
