import { runtime } from "@pulumi/pulumi";
import { deploy } from "../unit/deployment.ts";
import { readStackFile } from "../unit/stack-file.ts";
import type { EngineResource } from "./pack.ts";

/** The resources that the program declares for the stack dev, and the stack itself, as the engine sends them. */
export async function declareFleet(): Promise<EngineResource[]> {
  runtime.setAllConfig(readStackFile("dev"));
  const { resources } = await deploy(() => import("../../index.ts"));
  const stack = {
    type: "pulumi:pulumi:Stack",
    name: "terminal-fleet-dev",
    urn: "urn:pulumi:dev::terminal-fleet::pulumi:pulumi:Stack::terminal-fleet-dev",
    properties: { environment: "dev", flowKeysTableName: "terminalkeys" },
    dependencies: {},
  };
  return [
    stack,
    ...resources.map(({ type, name, urn, inputs, dependencies }) => ({
      type,
      name,
      urn,
      properties: structuredClone(inputs),
      dependencies,
    })),
  ];
}
