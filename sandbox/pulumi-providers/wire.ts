import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties, Value } from "./provider.ts";

/** The engine's value for a string that is not known yet. Source: Pulumi's property value wire format. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine's values for an unknown string, boolean, number, array, asset, archive and object. */
const unknownValues = new Set([
  unknownValue,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** The key of an object that represents a secret, an asset or a reference to a resource. */
const specialObjectKey = "4dabf18193072939515e22adb298388d";

/** Whether a value is unknown: an output of a resource that does not exist yet. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && unknownValues.has(value);
}

/** Whether a value is unknown or contains an unknown value. */
export function containsUnknown(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads properties that the engine has sent. A property with the value null is dropped. Unknown values stay as they are.
 * There are no secrets among them: these providers do not accept secrets, so the engine sends plain values and marks the
 * outputs of the same name as secret.
 */
export function fromStruct(struct: structs.Struct | undefined): Properties {
  const properties: Properties = {};
  struct?.getFieldsMap().forEach((value, name) => {
    if (name === specialObjectKey) throw specialObjectError();
    const plain = fromValue(value);
    if (plain !== null) properties[name] = plain;
  });
  return properties;
}

function fromValue(value: structs.Value): Value {
  const { KindCase } = structs.Value;
  switch (value.getKindCase()) {
    case KindCase.STRING_VALUE:
      return value.getStringValue();
    case KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case KindCase.STRUCT_VALUE:
      return fromStruct(value.getStructValue());
    case KindCase.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map(fromValue);
    default:
      return null;
  }
}

/** Converts properties to the engine's form. A property with the value null or undefined is dropped. */
export function toStruct(properties: Properties): structs.Struct {
  const struct = new structs.Struct();
  const fields = struct.getFieldsMap();
  for (const [name, value] of Object.entries(properties)) {
    if (name === specialObjectKey) throw specialObjectError();
    if (value !== null && value !== undefined) fields.set(name, toValue(value));
  }
  return struct;
}

function toValue(value: Value): structs.Value {
  if (Array.isArray(value)) {
    return new structs.Value().setListValue(new structs.ListValue().setValuesList(value.map(toValue)));
  }
  if (isObject(value)) return new structs.Value().setStructValue(toStruct(value));
  return structs.Value.fromJavaScript(value);
}

const specialObjectError = () =>
  new Error("The sandbox's providers do not accept assets, archives or references to resources.");
