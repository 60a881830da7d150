import * as pulumi from "@pulumi/pulumi";
import { runtime } from "@pulumi/pulumi";
import { vi } from "vitest";
import { deploy, outputValue } from "../unit/deployment.ts";
import { readStackFile } from "../unit/stack-file.ts";
import type { EngineResource } from "./pack.ts";

/** The resources that the program declares for a stack, and the stack itself, as the engine sends them. */
export async function declareFleet(stackName: "dev" | "prod" = "dev"): Promise<EngineResource[]> {
  vi.resetModules();
  runtime.setAllConfig(readStackFile(stackName));
  const { resources, result } = await deploy(() => import("../../index.ts"), stackName);
  const stack = {
    type: "pulumi:pulumi:Stack",
    name: `terminal-fleet-${stackName}`,
    urn: `urn:pulumi:${stackName}::terminal-fleet::pulumi:pulumi:Stack::terminal-fleet-${stackName}`,
    properties: await readOutputs(result),
    dependencies: {},
  };
  return [
    stack,
    ...resources.map(({ type, name, urn, id, inputs, outputs, protect, dependencies }) => ({
      type,
      name,
      urn,
      properties: structuredClone(inputs),
      outputs: { ...structuredClone(outputs), id },
      protect,
      dependencies,
    })),
  ];
}

/** The values of the program's outputs. */
async function readOutputs(program: object): Promise<Record<string, unknown>> {
  const outputs = Object.entries(program).map(
    async ([name, value]) =>
      [name, pulumi.Output.isInstance(value) ? await outputValue(value) : value] as const,
  );
  return Object.fromEntries(await Promise.all(outputs));
}
