import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { effects, type PolicyDefinition } from "./definition.ts";
import type { Condition } from "./language/evaluate.ts";

/*
 * The published definitions themselves, from a checkout of https://github.com/Azure/azure-policy. This repository holds
 * none of that text: its definitions are restated, and compared with the published ones where a checkout is at hand.
 */

const condition = z.record(z.string(), z.unknown());
const published = z.object({
  name: z.string(),
  properties: z.object({
    mode: z.enum(["All", "Indexed"]),
    metadata: z.object({ version: z.string() }),
    parameters: z.record(z.string(), z.object({ defaultValue: z.unknown().optional() })).default({}),
    policyRule: z.object({
      if: condition,
      // biome-ignore lint/suspicious/noThenProperty: The name in Azure's format.
      then: z.object({ effect: z.string(), details: condition.optional() }),
    }),
  }),
});

/** A published definition whose version differs from the restated one. */
export interface VersionDifference {
  id: string;
  restated: string;
  published: string;
}

/**
 * Replaces definitions by the published ones with the same IDs. Parameters keep the values of the restated definition.
 * @param folder Checkout of Azure/azure-policy, or a folder with its files below built-in-policies.
 * @throws Error when the folder lacks a definition.
 */
export function readPublished(
  folder: string,
  restated: PolicyDefinition[],
): { definitions: PolicyDefinition[]; differences: VersionDifference[] } {
  const files = new Map(
    globSync("built-in-policies/policyDefinitions/**/*.json", { cwd: folder })
      .filter((file) => !file.includes("Azure Government"))
      .map((file) => [idOf(file), join(folder, file)]),
  );
  const byId = new Map<string, z.infer<typeof published>>();
  for (const { id } of restated) {
    if (!byId.has(id)) byId.set(id, readDefinition(files, id));
  }
  const differences = [...byId].flatMap(([id, { properties }]) => {
    const { version } = restated.find((each) => each.id === id)!;
    const isSame = properties.metadata.version === version;
    return isSame ? [] : [{ id, restated: version, published: properties.metadata.version }];
  });
  return { definitions: restated.map((each) => toDefinition(each, byId.get(each.id)!)), differences };
}

/** Files are named after the definition, not always after its GUID, so the GUID is read from each. */
const idOf = (file: string): string => basename(file, ".json");

function readDefinition(files: Map<string, string>, id: string): z.infer<typeof published> {
  const named = files.get(id);
  const file =
    named ?? [...files.values()].find((each) => readFileSync(each, "utf8").includes(`"name": "${id}"`));
  if (!file) throw new Error(`The folder has no definition with the ID ${id}.`);
  return published.parse(JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, "")));
}

function toDefinition(
  restated: PolicyDefinition,
  { properties }: z.infer<typeof published>,
): PolicyDefinition {
  const { policyRule, parameters, mode, metadata } = properties;
  const defaults = Object.entries(parameters).flatMap(([name, { defaultValue }]) =>
    defaultValue === undefined ? [] : [[name, defaultValue] as const],
  );
  const details = policyRule.then.details && lowerKeys(policyRule.then.details);
  return {
    ...restated,
    mode,
    version: metadata.version,
    effect: readEffect(
      policyRule.then.effect.startsWith("[") ? parameters.effect?.defaultValue : policyRule.then.effect,
    ),
    parameters: { ...Object.fromEntries(defaults), ...restated.parameters },
    if: policyRule.if,
    details: restated.details && {
      type: String(details?.type),
      name: details?.name as string | undefined,
      existenceCondition: details?.existencecondition as Condition | undefined,
    },
  };
}

/** Effects are not case-sensitive. @throws Error for one that the evaluator does not know. */
function readEffect(name: unknown): PolicyDefinition["effect"] {
  const effect = effects.find((each) => each.toLowerCase() === String(name).toLowerCase());
  if (!effect) throw new Error(`The evaluator does not know the effect ${String(name)}.`);
  return effect;
}

const lowerKeys = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toLowerCase(), each]));
