import type { DeclaredResources } from "../../export-arm/declared-resources.ts";
import type { JudgeOutcome } from "../result.ts";
import type { PolicyDefinition } from "./definition.ts";
import { apiManagementDefinitions } from "./definitions/api-management.ts";
import { generalDefinitions } from "./definitions/general.ts";
import { iotHubDefinitions } from "./definitions/iot-hub.ts";
import { monitoringDefinitions } from "./definitions/monitoring.ts";
import { definitionsNotJudged } from "./definitions/not-judged.ts";
import { storageDefinitions } from "./definitions/storage.ts";
import { judgeByAzurePolicy, policyId } from "./judge-azure-policy.ts";
import { readPublished } from "./published.ts";

/** The day of the published definitions whose versions are evaluated. */
const publishedDay = "2026-04-29";

/** All definitions that are evaluated for a stack, with the values that an organisation would assign them with. */
export function definitionsFor(declared: DeclaredResources): PolicyDefinition[] {
  const workspace = declared.resources.find(
    ({ type }) => type === "Microsoft.OperationalInsights/workspaces",
  );
  return [
    ...storageDefinitions,
    ...iotHubDefinitions,
    ...apiManagementDefinitions,
    ...monitoringDefinitions({ settingName: "terminal-fleet", workspaceId: workspace?.id ?? "" }),
    ...generalDefinitions({
      regions: ["westeurope", "norwayeast"],
      tags: ["owner", "costCentre", "environment", "application"],
    }),
  ];
}

/**
 * Judges stacks by the built-in definitions of Azure Policy.
 * @param publishedIn Checkout of Azure/azure-policy whose definitions are evaluated in place of the restated ones.
 * @throws NotSupportedError for a gap of the evaluator; Error when the checkout lacks a definition or has another
 *   version of one.
 */
export function runAzurePolicy(
  stacks: Map<string, DeclaredResources>,
  nowMs: number,
  publishedIn?: string,
): JudgeOutcome {
  const select = (declared: DeclaredResources): PolicyDefinition[] => {
    const restated = definitionsFor(declared);
    return publishedIn === undefined ? restated : readSameVersions(publishedIn, restated);
  };
  return {
    judge: "Azure Policy",
    version: `built-in definitions of ${publishedDay}`,
    results: new Map(
      [...stacks].map(([stack, declared]) => [stack, judgeByAzurePolicy(select(declared), declared, nowMs)]),
    ),
    notJudged: definitionsNotJudged.map(({ id, reason }) => ({ rule: policyId(id), reason })),
  };
}

function readSameVersions(folder: string, restated: PolicyDefinition[]): PolicyDefinition[] {
  const { definitions, differences } = readPublished(folder, restated);
  if (differences.length === 0) return definitions;
  const lines = differences.map((each) => `  ${each.id}: ${each.restated} here, ${each.published} there`);
  throw new Error(
    `The definitions in ${folder} have other versions:\n${lines.join("\n")}\nRead what has changed, and restate it in tools/outside-judges/azure-policy/definitions/.`,
  );
}
