import { resourcesOfType } from "../../engine/resource-queries.ts";
import type { DeclaredResource } from "../../engine/rule.ts";
import { hasIdOf, idPaths } from "../../engine/stack-values.ts";
import { types } from "../../engine/type-tokens.ts";

/** Whether a diagnostic setting sends to the stack's own Log Analytics workspace. */
export const usesStackWorkspace = (resources: DeclaredResource[], setting: DeclaredResource): boolean =>
  hasIdOf(setting, "workspaceId", resourcesOfType(resources, types.workspace), idPaths.workspace);
