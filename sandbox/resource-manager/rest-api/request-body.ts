import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ArmError, NotInSandboxError } from "../arm-error.ts";
import type { ResourceBody } from "../resource-manager.ts";
import type { ResourceType } from "../resource-type.ts";
import type { Resource } from "../resources.ts";
import { restRulesOf } from "./rest-rules.ts";

type Json = Record<string, unknown>;

/** A member of a request's body for which the sandbox has no input, for example properties.ipFilterRules. */
interface UnknownMember {
  path: string;
  value: unknown;
}

/** A request's body, read with the schema of its resource type. */
export interface ReadBody {
  /** The members that the sandbox has inputs for, with the names of the REST API. */
  body: ResourceBody;
  unknown: UnknownMember[];
}

/** Members that every resource has and no request can change. */
const identifying = ["id", "name", "type", "etag", "systemData"];

/**
 * Reads the body of a PUT: drops null and what only the service writes, and checks the rest with the type's schema.
 * @throws ArmError 400 with the names of the members that are missing or have a wrong value.
 */
export function readBody(type: ResourceType, given: Json): ReadBody {
  const reader = new BodyReader(type);
  const { inputs, body } = reader.read(given);
  const result = type.inputs.safeParse(inputs);
  if (!result.success) {
    const problems = result.error.issues
      // Resource Manager itself checks the location, and has a code for a missing one.
      .filter(({ path }) => !(path.join() === "location" && type.regions && inputs.location === undefined))
      .flatMap((issue) => describe(issue, inputs, (path) => reader.restPath(path)));
    if (problems.length > 0) throw invalidBody(type, problems);
  }
  return { body: body as ResourceBody, unknown: reader.unknown };
}

/** The part of a stored resource that a PUT would say, with the names of the REST API. */
export function writtenPart(type: ResourceType, resource: Resource): Json {
  return new BodyReader(type).read(resource as unknown as Json).body;
}

/**
 * Refuses members without an input in the sandbox, except those whose value is the one that the resource has anyway. A
 * client that reads a resource, changes it and writes it back sends all of them.
 * @throws NotInSandboxError
 */
export function checkUnknownMembers({ unknown }: ReadBody, type: ResourceType, resource: Resource): void {
  const other = unknown.find(
    ({ path, value }) => !isIncluded(value, valueAt(resource as unknown as Json, path.split("."))),
  );
  if (other) throw new NotInSandboxError(`the member ${other.path} of ${type.type}`);
}

/** Merges a PATCH into a body: null deletes a member, and lists and tags are replaced. Source: RFC 7396. */
export function mergePatch(old: unknown, patch: unknown, name = ""): unknown {
  if (!isObject(patch) || name === "tags") return patch;
  const merged: Json = isObject(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value, key);
  }
  return merged;
}

/** Converts between the two forms of a resource: REST with `properties`, and the flat inputs that the schema checks. */
class BodyReader {
  readonly unknown: UnknownMember[] = [];
  private readonly type: ResourceType;
  private readonly sdkNames: Map<string, string>;
  private readonly readOnly: RegExp[];
  private readonly isNested: boolean;

  constructor(type: ResourceType) {
    this.type = type;
    this.sdkNames = new Map(Object.entries(type.renames ?? {}).map(([sdk, rest]) => [rest, sdk]));
    this.isNested = !type.topLevel.includes("properties");
    const computed = type.computed.map((path) => {
      const isTop = type.topLevel.includes(path.split(".")[0] as string) || !this.isNested;
      return isTop ? path : `properties.${path}`;
    });
    this.readOnly = [...identifying, ...computed, ...(restRulesOf(type.type).readOnly ?? [])].map(
      (path) => new RegExp(`^${path.split("*").map(RegExp.escape).join("[^.]+")}(\\.|$)`, "i"),
    );
  }

  read(given: Json): { inputs: Json; body: Json } {
    const { shape } = this.type.inputs as z.ZodObject;
    const inputs: Json = {};
    const body: Json = {};
    const { properties, ...top } = given;
    for (const [name, value] of Object.entries(top)) {
      this.readMember(this.isNested ? pick(shape, this.type.topLevel) : shape, name, value, "", inputs, body);
    }
    if (this.isNested) {
      const inner: Json = {};
      const others = Object.keys(shape).filter((name) => !this.type.topLevel.includes(name));
      for (const [name, value] of Object.entries(isObject(properties) ? properties : {})) {
        this.readMember(pick(shape, others), name, value, "properties.", inputs, inner);
      }
      body.properties = inner;
    } else if (properties !== undefined) {
      this.readMember(shape, "properties", properties, "", inputs, body);
    }
    return { inputs, body };
  }

  /** The path of a member in REST, for example properties.networkAcls.defaultAction. */
  restPath(path: PropertyKey[]): string {
    const names = path.map((key) => this.type.renames?.[String(key)] ?? key);
    const isTop = !this.isNested || this.type.topLevel.includes(String(path[0]));
    return [...(isTop ? [] : ["properties"]), ...names]
      .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
      .join("");
  }

  private readMember(
    shape: z.ZodRawShape,
    name: string,
    value: unknown,
    prefix: string,
    inputs: Json,
    body: Json,
  ): void {
    if (value === null || value === undefined) return;
    const sdkName = this.sdkNames.get(name) ?? name;
    const schema = Object.hasOwn(shape, sdkName) ? unwrap(shape[sdkName] as z.ZodType) : undefined;
    const path = `${prefix}${name}`;
    if (!schema) {
      if (!this.readOnly.some((each) => each.test(path))) this.unknown.push({ path, value });
      return;
    }
    // SDKs send {} for an object without a member.
    if (isObject(value) && Object.keys(value).length === 0 && name !== "tags") return;
    [inputs[sdkName], body[name]] = this.readValue(schema, value, path);
  }

  /** @returns The value with the SDK's names, and with those of REST. */
  private readValue(schema: z.ZodType, value: unknown, path: string): [unknown, unknown] {
    if (schema instanceof z.ZodObject && isObject(value)) {
      const [inputs, body]: [Json, Json] = [{}, {}];
      for (const [name, each] of Object.entries(value)) {
        this.readMember(schema.shape, name, each, `${path}.`, inputs, body);
      }
      return [inputs, body];
    }
    if (schema instanceof z.ZodArray && Array.isArray(value)) {
      const element = unwrap(schema.element as z.ZodType);
      const read = value.map((each, index) => this.readValue(element, each, `${path}.${index}`));
      return [read.map(([each]) => each), read.map(([, each]) => each)];
    }
    if (schema instanceof z.ZodRecord && isObject(value)) {
      const inner = unwrap(schema.valueType as z.ZodType);
      const read = Object.entries(value)
        .filter(([, each]) => each !== null)
        .map(([name, each]) => [name, this.readValue(inner, each, `${path}.${name}`)] as const);
      return [
        Object.fromEntries(read.map(([name, [each]]) => [name, each])),
        Object.fromEntries(read.map(([name, [, each]]) => [name, each])),
      ];
    }
    return [value, value];
  }
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

function pick(shape: z.ZodRawShape, names: string[]): z.ZodRawShape {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => names.includes(name)));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a resource has a value already. An empty value is included in a missing one. */
function isIncluded(value: unknown, existing: unknown): boolean {
  if (value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0)) {
    return existing === undefined || existing === null || isDeepStrictEqual(value, existing);
  }
  if (isObject(value)) {
    const other = isObject(existing) ? existing : {};
    return Object.entries(value).every(([name, each]) => isIncluded(each, other[name]));
  }
  return isDeepStrictEqual(value, existing);
}

function valueAt(value: unknown, [name, ...rest]: string[]): unknown {
  if (name === undefined) return value;
  return typeof value === "object" && value !== null ? valueAt((value as Json)[name], rest) : undefined;
}

function describe(
  issue: z.core.$ZodIssue,
  inputs: Json,
  restPath: (path: PropertyKey[]) => string,
): string[] {
  const path = restPath(issue.path);
  const value = valueAt(inputs, issue.path.map(String));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `'${path}.${key}' is not known`);
  if (value === undefined) return [`'${path}' is required`];
  if (issue.code === "invalid_value") {
    return [
      `'${path}' must be one of ${issue.values.map((each) => JSON.stringify(each)).join(", ")}, not ${JSON.stringify(value)}`,
    ];
  }
  return [`'${path}': ${issue.message}`];
}

function invalidBody({ type }: ResourceType, problems: string[]): ArmError {
  const text = problems.join("; ");
  return type.startsWith("Microsoft.ApiManagement/")
    ? new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${text}`)
    : new ArmError(400, "InvalidRequestContent", `The request content was invalid: ${text}.`);
}
