import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import type { Resource } from "../../../resource-manager/resources.ts";

/** Returns the resources in an alert's scope. @throws ArmError when one does not exist. */
export function findScopes(scopes: string[], azure: AzureEnvironment): Resource[] {
  return scopes.map((scope) => {
    const target = azure.resources.get(scope);
    if (target) return target;
    throw new ArmError(404, "ResourceNotFound", `The alert's scope '${scope}' was not found.`);
  });
}

/** @throws ArmError when an action group of an alert does not exist. */
export function checkActionGroups(ids: string[], azure: AzureEnvironment): void {
  for (const id of ids) {
    if (azure.resources.get(id)?.type === "Microsoft.Insights/actionGroups") continue;
    throw new ArmError(400, "BadRequest", `The action group '${id}' was not found.`);
  }
}

/** @throws ArmError when the time between evaluations is longer than the window. */
export function checkWindow(frequency: string, window: string): void {
  if (durationMs(frequency) <= durationMs(window)) return;
  throw new ArmError(
    400,
    "BadRequest",
    `The evaluation frequency ${frequency} must not be longer than the window ${window}.`,
  );
}
