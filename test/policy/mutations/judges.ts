import { openAzureEnvironment } from "../../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../../sandbox/core/clock.ts";
import { addTestPrincipals } from "../../../sandbox/entra-id/test-principals.ts";
import { AzureNative } from "../../../sandbox/pulumi-providers/azure-native.ts";
import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { compareWithSnapshot, type Snapshot, takeSnapshot } from "../../../tools/judge/snapshot.ts";
import { projectRoot } from "../../support/project-root.ts";
import { isRefused } from "../judge-in-process.ts";
import type { EngineResource } from "../pack.ts";
import type { Mutation } from "./mutation.ts";

/** What notices a mutation, in the order in which they are asked. */
export const judgeNames = ["rules", "snapshot", "sandbox"] as const;
export type JudgeName = (typeof judgeNames)[number];

/** The judges of a pull request that run in this process. */
export interface Judges {
  /** The first judge that notices a mutation; undefined if none does. */
  findNoticing(fleet: EngineResource[], mutation: Mutation): Promise<JudgeName | undefined>;
}

/** @param stack The stack whose snapshot is compared. */
export async function createJudges(stack: string): Promise<Judges> {
  const azure = await openAzureEnvironment({ file: ":memory:", clock: new MovableClock(), log: () => {} });
  const provider = new AzureNative(azure, addTestPrincipals(azure).deployer);
  return {
    async findNoticing(fleet, mutation) {
      const changed = mutation.change(fleet);
      if (isRefused(changed)) return "rules";
      if (differsFromSnapshot(stack, changed)) return "snapshot";
      return (await isInvalid(provider, mutation.changed)) ? "sandbox" : undefined;
    },
  };
}

/** Whether the kept snapshot of URNs, names and options differs, as `npm run judge` compares it. */
export const differsFromSnapshot = (stack: string, fleet: EngineResource[]): boolean =>
  compareWithSnapshot(projectRoot, stack, snapshotOf(fleet)).length > 0;

/** The snapshot of a fleet, as its state would give it. */
export function snapshotOf(fleet: EngineResource[]): Snapshot {
  const resources = fleet.map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    custom: !resource.type.startsWith("terminal-fleet:") && resource.type !== "pulumi:pulumi:Stack",
    inputs: resource.properties,
    outputs: resource.outputs,
    protect: resource.protect,
    ignoreChanges: resource.ignoreChanges,
    aliases: resource.aliases,
    ...resource.recordedOptions,
  }));
  return takeSnapshot({ deployment: { resources } });
}

/** Whether the sandbox's resource manager refuses the inputs, as Azure does. */
async function isInvalid(provider: AzureNative, resource: EngineResource | undefined): Promise<boolean> {
  if (!resource?.type.startsWith("azure-native:")) return false;
  const { failures } = await provider.check({
    token: resource.type,
    name: resource.name,
    olds: {},
    news: resource.properties as Properties,
    seed: new Uint8Array(32),
  });
  return failures.length > 0;
}
