import { HubError } from "../errors.ts";
import { readLargeNumber } from "../parse-json.ts";

/** A JSON object of a twin: tags, or desired or reported properties without $metadata and $version. */
export type TwinDocument = { [key: string]: TwinValue };
export type TwinValue = string | number | boolean | TwinValue[] | TwinDocument;

/** A JSON merge patch of a document: null removes a property. */
export type TwinPatch = { [key: string]: unknown };

/** When each property of a document was last written. */
export interface TwinMetadata {
  $lastUpdated: string;
  $lastUpdatedVersion?: number;
  [key: string]: TwinMetadata | string | number | undefined;
}

/** Maximum size of a section. Source: "IoT Hub quotas and throttling", twins. */
export const sectionBytes = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };

/** Maximum size of a property's value. It does not apply to objects: IoT Edge itself uses larger ones. */
const propertyBytes = 4096;
const keyBytes = 1024;
/**
 * Maximum depth of objects below a section. Source: "Understand and use device twins in IoT Hub", which has an example
 * with ten. The page says of arrays only that they are supported. Here an array counts as a level.
 */
const maxDepth = 10;
/** Source: "Understand and use device twins in IoT Hub", device twin size; azure-iot-sdk-csharp issue 2958. */
const minInteger = -(2 ** 52);
const maxInteger = 2 ** 52 - 1;
/** The service refuses keys with control characters, dots, dollar signs, number signs and spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds forbidden control characters.
const forbiddenInKeys = /[\u0000-\u001f\u007f-\u009f.$# ]/;

const invalid = (message: string) => new HubError("ArgumentInvalid", `BadRequest: ${message}`);

export const isObject = (value: unknown): value is TwinPatch =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  readLargeNumber(value) === undefined;

/**
 * Checks a patch of a section. Keys at its root that start with $ ($metadata, $version) belong to the service. A client
 * that sends a whole twin back includes them, and they are dropped.
 * @param name The section in messages, for example properties.desired.
 * @throws HubError ArgumentInvalid with the property and the rule.
 */
export function readPatch(name: string, patch: unknown): TwinPatch {
  if (!isObject(patch)) throw invalid(`${name} must be an object.`);
  const own = Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith("$")));
  checkObject(own, name, 0, true);
  return own;
}

function checkDepth(path: string, depth: number): void {
  if (depth > maxDepth) throw invalid(`${path} is nested deeper than ${maxDepth} levels.`);
}

/** @param depth The number of levels between the section and the object. */
function checkObject(object: TwinPatch, path: string, depth: number, mayRemove: boolean): void {
  checkDepth(path, depth);
  for (const [key, value] of Object.entries(object)) {
    const here = `${path}.${key}`;
    if (forbiddenInKeys.test(key)) {
      throw invalid(`${here}: a key must not have control characters, '.', '$', '#' or ' '.`);
    }
    if (Buffer.byteLength(key) > keyBytes) throw invalid(`${here}: a key has at most ${keyBytes} bytes.`);
    if (value === null && mayRemove) continue;
    checkValue(value, here, depth, mayRemove);
  }
}

function checkValue(value: unknown, path: string, depth: number, mayRemove: boolean): void {
  if (value === null) throw invalid(`${path}: null is not a value.`);
  if (Array.isArray(value)) {
    checkDepth(path, depth + 1);
    for (const [index, item] of value.entries()) checkValue(item, `${path}[${index}]`, depth + 1, false);
  } else if (isObject(value)) {
    checkObject(value, path, depth + 1, mayRemove);
    return;
  } else {
    checkNumber(readLargeNumber(value) ?? "0", path);
  }
  if (sizeOf(value as TwinValue) > propertyBytes) {
    throw invalid(`${path}: a property's value has at most ${propertyBytes} bytes.`);
  }
}

/**
 * Checks a number of 2^52 or more. Only an integer has bounds, and only a number without fraction and exponent is one: the
 * service's JSON parser distinguishes them by their text (Azure/iotedge, TwinManager, JTokenType.Integer).
 */
function checkNumber(text: string, path: string): void {
  if (/^-?\d+$/.test(text) && (Number(text) > maxInteger || BigInt(text) < minInteger)) {
    throw invalid(`${path}: an integer must be within ${minInteger} and ${maxInteger}.`);
  }
  if (!Number.isFinite(Number(text))) throw invalid(`${path}: the number is too large.`);
}

/**
 * The bytes that count towards a section's limit: keys and strings in UTF-8 without control characters, 8 for a number, 4
 * for a boolean. Source: "Understand and use device twins in IoT Hub", device twin size.
 */
export function sizeOf(value: TwinValue): number {
  if (typeof value === "string") return textSize(value);
  if (typeof value === "number" || readLargeNumber(value) !== undefined) return 8;
  if (typeof value === "boolean") return 4;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0);
  return Object.entries(value).reduce((sum, [key, item]) => sum + textSize(key) + sizeOf(item), 0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters do not count.
const textSize = (text: string) => Buffer.byteLength(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ""));

/** @throws HubError ArgumentInvalid when the section is over its limit. */
export function checkSize(name: keyof typeof sectionBytes, document: TwinDocument): void {
  const size = sizeOf(document);
  if (size > sectionBytes[name]) {
    throw invalid(`${name} would have ${size} bytes; at most ${sectionBytes[name]} are allowed.`);
  }
}

/** Merges a patch into a document: null removes, an array replaces the whole array, an object can become empty. */
export function merge(document: TwinDocument, patch: TwinPatch): TwinDocument {
  const merged = { ...document };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = merge(asObject(merged[key]), value);
    else merged[key] = value as TwinValue;
  }
  return merged;
}

/** The metadata after a patch: each written property, and each object above it, gets the new time. */
export function mergeMetadata(old: TwinMetadata, patch: TwinPatch, stamp: TwinMetadata): TwinMetadata {
  const merged: TwinMetadata = { ...old, ...stamp };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergeMetadata(asMetadata(old[key], stamp), value, stamp) : stamp;
  }
  return merged;
}

const asObject = (value: TwinValue | undefined): TwinDocument =>
  isObject(value) ? (value as TwinDocument) : {};

const asMetadata = (value: TwinMetadata[string], stamp: TwinMetadata): TwinMetadata =>
  typeof value === "object" ? value : stamp;
