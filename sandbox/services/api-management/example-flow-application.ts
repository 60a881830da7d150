import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { type Application, ObjectStore } from "../../entra-id/object-store.ts";
import { TokenError } from "../../entra-id/tokens.ts";

/** The applications of the example Flow API: the client IDs in the audiences that the example settings name. */
const examples = [
  { displayName: "Example Flow API (dev)", clientId: "11111111-2222-3333-4444-555555555555" },
  { displayName: "Example Flow API (prod)", clientId: "66666666-7777-8888-9999-000000000000" },
];

/** Registers the example Flow API in Entra ID, as its owner has done before the fleet is deployed. */
export function registerExampleFlowApi({ store }: AzureEnvironment): void {
  const objects = new ObjectStore(store);
  const known = objects.list<Application>("application");
  for (const { displayName, clientId } of examples) {
    if (known.some((each) => each.clientId === clientId)) continue;
    const application: Application = { displayName, clientId, identifierUris: [`api://${clientId}`] };
    objects.put("application", randomUUID(), application);
  }
}

/**
 * The check that a Flow API makes to be reachable through the gateway only: the token is for its application ID URI, and
 * its object ID is that of an API Management service's managed identity. The audience alone is not enough, because every
 * principal of the tenant can get a token for it.
 */
export function gatewayTokenCheck({ store, resources, tokens }: AzureEnvironment) {
  return async (authorization: string | undefined): Promise<boolean> => {
    const applications = new ObjectStore(store).list<Application>("application");
    const audiences = applications.flatMap(({ identifierUris = [] }) => identifierUris);
    const caller = await tokens.verify(authorization, audiences).catch((error: unknown) => {
      if (error instanceof TokenError) return undefined;
      throw error;
    });
    return (
      caller !== undefined &&
      resources
        .list("Microsoft.ApiManagement/service")
        .some(({ identity }) => identity?.principalId === caller.objectId)
    );
  };
}
