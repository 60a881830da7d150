import type { DeclaredResource } from "../azure/engine/rule.ts";
import { types } from "../azure/engine/type-tokens.ts";
import { valueAt } from "../azure/engine/value.ts";

/** Stacks in which what cannot be made again must be protected. */
export const protectedStacks = ["prod"];

/** Types that cannot be made again without a loss, and what is lost. */
const lossByType: Record<string, string> = {
  [types.randomString]: "the names of all resources",
  [types.resourceGroup]: "everything in the group",
  [types.iotHub]: "every terminal's identity, and the host name that terminals know",
  [types.storageAccount]: "the account's data and its host name",
  [types.blobContainer]: "the audit log",
  [types.immutabilityPolicy]: "the proof that no audit record was changed",
  [types.table]: "the Flow keys of all terminals",
  [types.apiManagement]: "the customers' subscription keys, and the host name that terminals know",
  [types.api]: "the customers' subscription keys",
  [types.workspace]: "the logs",
  [types.group]: "the members of the operators' group",
  [types.application]: "the client ID that pipelines know",
  [types.servicePrincipal]: "the sign-in of the pipelines",
};

/** What is lost with a resource; undefined when it can be made again. */
export function lossWith({ type, properties }: DeclaredResource): string | undefined {
  // The account of the import jobs holds nothing between two imports.
  const isForImports =
    type === types.storageAccount && valueAt(properties, "tags.holds") === "device-imports";
  return isForImports ? undefined : lossByType[type];
}
