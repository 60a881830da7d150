import { HubError } from "../errors.ts";

/** A JSON object of a twin: tags, or desired or reported properties without $metadata and $version. */
export type TwinDocument = { [key: string]: TwinValue };
export type TwinValue = string | number | boolean | TwinValue[] | TwinDocument;

/** A JSON merge patch of one: null removes. */
export type TwinPatch = { [key: string]: unknown };

/** When a property was last written, down the document's tree. */
export interface TwinMetadata {
  $lastUpdated: string;
  $lastUpdatedVersion?: number;
  [key: string]: TwinMetadata | string | number | undefined;
}

/** The sections' limits in bytes. Source: "IoT Hub quotas and throttling", twins. */
export const sectionBytes = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };

/** One property's limit; objects are not counted as one, as IoT Edge's own large desired properties show. */
const propertyBytes = 4096;
const keyBytes = 1024;
/**
 * How many objects lie in each other below a section. Source: "Understand and use device twins in IoT Hub", which has
 * an example with ten. Of arrays it says only that they are supported; here each counts as an object does.
 */
const maxDepth = 10;
const maxInteger = 2 ** 52 - 1;
/** Keys the service refuses: control characters, dots, dollar signs, number signs and spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is their absence that is checked.
const forbiddenInKeys = /[\u0000-\u001f\u007f-\u009f.$# ]/;

const invalid = (message: string) => new HubError("ArgumentInvalid", `BadRequest: ${message}`);

export const isObject = (value: unknown): value is TwinPatch =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks a patch of one section before it is applied. Keys that begin with $ at its root ($metadata, $version) are
 * the service's own: callers send them back with whole twins, and they are dropped.
 * @param name For messages, for example properties.desired.
 * @throws HubError ArgumentInvalid that names the property and the rule.
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

/** @param depth How many levels below the section the object is. */
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
  } else if (typeof value === "number" && !Number.isFinite(value)) {
    // 1e999, which JSON can say, and which would be kept as null.
    throw invalid(`${path}: the number is too large.`);
  } else if (Number.isInteger(value) && Math.abs(value as number) > maxInteger) {
    throw invalid(`${path}: an integer must be within ${-maxInteger} and ${maxInteger}.`);
  }
  if (sizeOf(value as TwinValue) > propertyBytes) {
    throw invalid(`${path}: a property's value has at most ${propertyBytes} bytes.`);
  }
}

/**
 * Bytes that count against a section's limit: keys and strings as UTF-8 without control characters, 8 for a number,
 * 4 for a boolean. Source: "Understand and use device twins in IoT Hub", device twin size.
 */
export function sizeOf(value: TwinValue): number {
  if (typeof value === "string") return textSize(value);
  if (typeof value === "number") return 8;
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

/** The document with the patch merged into it: null removes, arrays are replaced whole, an object may end empty. */
export function merge(document: TwinDocument, patch: TwinPatch): TwinDocument {
  const merged = { ...document };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = merge(asObject(merged[key]), value);
    else merged[key] = value as TwinValue;
  }
  return merged;
}

/** The metadata after the same patch: what was written, and everything above it, gets the stamp. */
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
