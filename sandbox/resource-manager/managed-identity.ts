import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { NotInSandboxError } from "./arm-error.ts";
import type { Draft } from "./resource-type.ts";

/**
 * Creates or deletes the system-assigned identity of a resource, as its `identity.type` says. The identity is a service
 * principal with the resource's name, and stays the same when the resource is updated.
 */
export function applyIdentity({ resource, previous }: Draft, azure: AzureEnvironment): void {
  const existingId = previous?.identity?.principalId as string | undefined;
  const type = resource.identity?.type;
  if (type === undefined || type === "None") {
    if (existingId) azure.directory.remove(existingId);
    if (resource.identity) resource.identity = { type: "None" };
    return;
  }
  if (type !== "SystemAssigned") throw new NotInSandboxError(`managed identities of type ${String(type)}`);
  const principalId = existingId ?? randomUUID();
  if (!existingId) {
    azure.directory.put({
      objectId: principalId,
      kind: "ServicePrincipal",
      displayName: resource.name,
      appId: randomUUID(),
    });
  }
  resource.identity = { type, principalId, tenantId: azure.tenantId };
}
