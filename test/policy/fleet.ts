import * as pulumi from "@pulumi/pulumi";
import { runtime } from "@pulumi/pulumi";
import { deploy, outputValue } from "../unit/deployment.ts";
import { importProgram } from "../unit/import-program.ts";
import { readStackFile } from "../unit/stack-file.ts";
import type { EngineResource } from "./pack.ts";

/** The resources that the program declares for a stack, and the stack itself, as the engine sends them. */
export async function declareFleet(stackName: "dev" | "prod" = "dev"): Promise<EngineResource[]> {
  runtime.setAllConfig(readStackFile(stackName));
  const { resources, result } = await deploy(importProgram, stackName);
  const stack = {
    type: "pulumi:pulumi:Stack",
    name: `terminal-fleet-${stackName}`,
    urn: `urn:pulumi:${stackName}::terminal-fleet::pulumi:pulumi:Stack::terminal-fleet-${stackName}`,
    properties: await readOutputs(result),
    dependencies: {},
  };
  const declared = resources.map(
    ({ type, name, urn, id, inputs, outputs, protect, deletedWith, dependencies }) => ({
      type,
      name,
      urn,
      properties: structuredClone(inputs),
      outputs: { ...structuredClone(outputs), id },
      protect,
      recordedOptions: deletedWith === "" ? {} : { deletedWith },
      dependencies,
    }),
  );
  return withWholeUrns([stack, ...declared]);
}

/** The mocks name only the direct parent in a URN. The engine names every component above it. */
function withWholeUrns(resources: EngineResource[]): EngineResource[] {
  const nested = resources.filter(({ type, urn }) => type.startsWith("terminal-fleet:") && urn.includes("$"));
  const text = nested.reduce(
    (json, { type, urn }) => json.replaceAll(`::${type}$`, `::${urn.split("::")[2]}$`),
    JSON.stringify(resources),
  );
  return JSON.parse(text) as EngineResource[];
}

/** The values of the program's outputs. */
async function readOutputs(program: object): Promise<Record<string, unknown>> {
  const outputs = Object.entries(program).map(
    async ([name, value]) =>
      [name, pulumi.Output.isInstance(value) ? await outputValue(value) : value] as const,
  );
  return Object.fromEntries(await Promise.all(outputs));
}
