import type { z } from "zod";
import { type Settings, settingsSchema } from "./schema.ts";

export type { Settings } from "./schema.ts";

/** Invalid settings. `lines` has one line for each of them. */
export class SettingsError extends Error {
  readonly lines: string[];

  constructor(file: string, lines: string[]) {
    const count = lines.length === 1 ? "1 setting is" : `${lines.length} settings are`;
    super([`${file}: ${count} invalid.`, ...lines].join("\n  "));
    this.name = "SettingsError";
    this.lines = lines;
  }
}

/**
 * Validates the configuration of a stack.
 * @param config The whole configuration, as Pulumi passes it: text by "NAMESPACE:KEY". Other namespaces are ignored.
 * @param namespace Name of the project.
 * @param stack Name of the stack. It must equal the environment.
 * @throws SettingsError that names every setting that is invalid, missing or unknown.
 */
export function readSettings(config: Record<string, string>, namespace: string, stack: string): Settings {
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith(`${namespace}:`)) own[key.slice(namespace.length + 1)] = value;
  }
  const result = settingsSchema.safeParse(own);
  const lines = result.error?.issues.flatMap((issue) => explain(issue, own, namespace)) ?? [];
  const { environment } = own;
  if (settingsSchema.shape.environment.safeParse(environment).success && environment !== stack) {
    // Names in Azure contain the environment, not the name of the stack.
    lines.push(
      `${namespace}:environment is "${environment}" in the stack ${stack}; allowed: the name of the stack, because a subscription can hold only one ${environment}`,
    );
  }
  if (result.success && lines.length === 0) return result.data;
  throw new SettingsError(`Pulumi.${stack}.yaml`, [...new Set(lines)]);
}

function explain(issue: z.core.$ZodIssue, own: Record<string, string>, namespace: string): string[] {
  const where = `${namespace}:${issue.path.map(String).join(".")}`;
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(settingsSchema.shape).join(", ");
    return issue.keys.map((key) =>
      issue.path.length === 0
        ? `${namespace}:${key} is not a setting of this project; allowed: ${known}`
        : `${where}.${key} is unknown; allowed: ${issue.message}`,
    );
  }
  const value = valueAt(own, issue.path);
  if (value === undefined) return [`${where} is missing; allowed: ${issue.message}`];
  return [`${where} is ${JSON.stringify(value)}; allowed: ${issue.message}`];
}

/** The value at `path`. Its first part is the key of a setting, which holds JSON when it is a list or a map. */
function valueAt(own: Record<string, string>, path: PropertyKey[]): unknown {
  const [first, ...rest] = path;
  const text = own[String(first)];
  if (!text || !/^[[{]/.test(text)) return text;
  try {
    let value: unknown = JSON.parse(text);
    for (const step of rest) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
    return value;
  } catch {
    return text;
  }
}
