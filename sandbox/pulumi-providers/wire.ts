import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties, Value } from "./provider.ts";

/** What the engine sends for a string that it does not know yet. Source: Pulumi's property value wire format. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The same for booleans, numbers, arrays, assets, archives and objects. */
const unknowns = new Set([
  unknownValue,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** The key that marks an object as something else: a secret, an asset, a reference to a resource. */
const signature = "4dabf18193072939515e22adb298388d";

/** Whether a value is a sentinel: the program gave an output that does not exist yet. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && unknowns.has(value);
}

/** Whether anything in a value is unknown. */
export function containsUnknown(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads what the engine sent. Properties that are null count as left out. Unknown values stay as they are.
 * Secrets do not come: these providers do not accept them, so the engine sends the plain value and marks what
 * comes back under the same name.
 */
export function fromStruct(struct: structs.Struct | undefined): Properties {
  if (!struct) return {};
  return clean(struct.toJavaScript() as Properties) as Properties;
}

export function toStruct(properties: Properties): structs.Struct {
  return structs.Struct.fromJavaScript(clean(properties) as Properties);
}

function clean(value: Value): Value {
  if (Array.isArray(value)) return value.map(clean);
  if (!isObject(value)) return value;
  if (signature in value) {
    throw new Error("The sandbox's providers take no assets, archives or references to resources.");
  }
  const kept = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(kept.map(([name, each]) => [name, clean(each)]));
}
