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

/** Judges stacks by the built-in definitions of Azure Policy. @throws NotSupportedError for a gap of the evaluator. */
export function runAzurePolicy(stacks: Map<string, DeclaredResources>, nowMs: number): JudgeOutcome {
  return {
    judge: "Azure Policy",
    version: `built-in definitions of ${publishedDay}`,
    results: new Map(
      [...stacks].map(([stack, declared]) => [
        stack,
        judgeByAzurePolicy(definitionsFor(declared), declared, nowMs),
      ]),
    ),
    notJudged: definitionsNotJudged.map(({ id, reason }) => ({ rule: policyId(id), reason })),
  };
}
