import { dependsOn, resourcesOfType } from "../../engine/resource-queries.ts";
import type { DeclaredResource } from "../../engine/rule.ts";
import { types } from "../../engine/type-tokens.ts";
import { valueAt } from "../../engine/value.ts";

/** Whether a diagnostic setting sends to the stack's own Log Analytics workspace. */
export const usesStackWorkspace = (resources: DeclaredResource[], setting: DeclaredResource): boolean =>
  valueAt(setting.properties, "workspaceId") !== undefined &&
  dependsOn(setting, "workspaceId", resourcesOfType(resources, types.workspace));
