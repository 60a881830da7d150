import type { z } from "zod";
import { type Settings, settingsSchema } from "./schema.ts";

export type { Settings } from "./schema.ts";

/** Settings that cannot be used; `lines` has one readable line for each of them. */
export class SettingsError extends Error {
  readonly lines: string[];

  constructor(file: string, lines: string[]) {
    super([`${file}: ${lines.length} of the settings cannot be used.`, ...lines].join("\n  "));
    this.name = "SettingsError";
    this.lines = lines;
  }
}

/**
 * Checks a stack's configuration.
 * @param config All of it, as Pulumi gives it: "NAMESPACE:KEY" to text. Other namespaces are left alone.
 * @param namespace The project's name.
 * @param stack The stack's name, which is its environment.
 * @throws SettingsError that names every setting that is wrong, missing or unknown.
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
    // Names in Azure have the environment in them, and not the stack.
    lines.push(
      `${namespace}:environment is "${environment}" in the stack ${stack}; allowed: the stack's own name, since a subscription holds one ${environment}`,
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
        ? `${namespace}:${key} is no setting of this project; known are: ${known}`
        : `${where}.${key} is not known there; allowed: ${issue.message}`,
    );
  }
  const value = found(own, issue.path);
  if (value === undefined) return [`${where} is missing; allowed: ${issue.message}`];
  return [`${where} is ${JSON.stringify(value)}; allowed: ${issue.message}`];
}

/** What stands at `path`: the first step leads to a text, which for a list or a map holds JSON. */
function found(own: Record<string, string>, path: PropertyKey[]): unknown {
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
