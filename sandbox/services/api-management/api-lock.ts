import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { ArmError } from "../../resource-manager/arm-error.ts";

/** Default time in milliseconds that a change of an API takes in the sandbox. In Azure it takes seconds. */
const defaultChangeMs = 100;

const changeMs = new WeakMap<AzureEnvironment, number>();

/** Sets how long a change of an API takes from now on, in milliseconds. */
export function setApiChangeTime(azure: AzureEnvironment, ms: number): void {
  changeMs.set(azure, ms);
}

const apiPattern =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.apimanagement\/service\/[^/]+\/apis\/[^/]+/;

const lockedApis = new WeakMap<AzureEnvironment, Set<string>>();

/**
 * Runs a change of an API, its operations or its policy. API Management refuses it while another change of the same API
 * is in progress. Changes of other resources run at once. Source: Azure/apiops issues 141, 379 and 497.
 * @throws ArmError PessimisticConcurrencyConflict (409)
 */
export async function runApiChange<Result>(
  id: string,
  azure: AzureEnvironment,
  change: () => Result | Promise<Result>,
): Promise<Result> {
  const api = apiPattern.exec(id.toLowerCase())?.[0];
  if (!api) return change();
  const locked = lockedApis.get(azure) ?? new Set();
  lockedApis.set(azure, locked);
  if (locked.has(api)) {
    throw new ArmError(409, "PessimisticConcurrencyConflict", "Operation on the API is in progress");
  }
  locked.add(api);
  try {
    const result = await change();
    await new Promise((resolve) => setTimeout(resolve, changeMs.get(azure) ?? defaultChangeMs));
    return result;
  } finally {
    locked.delete(api);
  }
}
