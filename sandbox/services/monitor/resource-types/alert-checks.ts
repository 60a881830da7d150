import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import type { Resource } from "../../../resource-manager/resources.ts";

/** The resources that an alert watches. @throws ArmError when one does not exist. */
export function checkScopes(scopes: string[], azure: AzureEnvironment): Resource[] {
  return scopes.map((scope) => {
    const target = azure.resources.get(scope);
    if (target) return target;
    throw new ArmError(404, "ResourceNotFound", `The alert's scope '${scope}' was not found.`);
  });
}

/** @throws ArmError when an action group that an alert calls does not exist. */
export function checkActionGroups(ids: string[], azure: AzureEnvironment): void {
  for (const id of ids) {
    if (azure.resources.get(id)?.type === "Microsoft.Insights/actionGroups") continue;
    throw new ArmError(400, "BadRequest", `The action group '${id}' was not found.`);
  }
}

/** @throws ArmError when an alert is evaluated more seldom than its window reaches back. */
export function checkWindow(frequency: string, window: string): void {
  if (durationMs(frequency) <= durationMs(window)) return;
  throw new ArmError(
    400,
    "BadRequest",
    `The evaluation frequency ${frequency} must not be longer than the window ${window}.`,
  );
}
