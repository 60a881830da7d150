import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { NotInSandboxError } from "./arm-error.ts";
import type { Draft } from "./resource-type.ts";

/**
 * Gives a resource that asks for one its system-assigned identity: a service principal named as the resource,
 * kept through updates, taken away with type None.
 */
export function settleIdentity({ resource, previous }: Draft, azure: AzureEnvironment): void {
  const kept = previous?.identity?.principalId as string | undefined;
  const type = resource.identity?.type;
  if (type === undefined || type === "None") {
    if (kept) azure.directory.remove(kept);
    if (resource.identity) resource.identity = { type: "None" };
    return;
  }
  if (type !== "SystemAssigned") throw new NotInSandboxError(`managed identities of type ${String(type)}`);
  const principalId = kept ?? randomUUID();
  if (!kept) {
    azure.directory.put({
      objectId: principalId,
      kind: "ServicePrincipal",
      displayName: resource.name,
      appId: randomUUID(),
    });
  }
  resource.identity = { type, principalId, tenantId: azure.tenantId };
}
