import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { type Application, ObjectStore } from "../../entra-id/object-store.ts";

/** The application ID URIs of the example Flow API: those that the example settings name as the Flow API's. */
export const exampleFlowApiUris = ["api://flow-dev", "api://flow"];

/** Registers the example Flow API in Entra ID, as its owner has done before the fleet is deployed. */
export function registerExampleFlowApi({ store }: AzureEnvironment): void {
  const objects = new ObjectStore(store);
  const displayName = "Example Flow API";
  const known = objects.list<Application>("application").find((each) => each.displayName === displayName);
  objects.put("application", known?.id ?? randomUUID(), {
    clientId: known?.clientId ?? randomUUID(),
    displayName,
    identifierUris: exampleFlowApiUris,
  } satisfies Application);
}
