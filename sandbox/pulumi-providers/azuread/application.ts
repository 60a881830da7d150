import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Application } from "../../entra-id/object-store.ts";
import { flag, optional, text } from "../../resource-manager/shared-inputs.ts";
import type { Properties } from "../provider.ts";
import { type DirectoryType, graphError, guidOf, requirePrincipals, type Tenant } from "./directory-type.ts";
import { deleteServicePrincipal } from "./service-principal.ts";

/** An app registration. Passwords are not supported: they would be secrets in the stack's state. */
export const application: DirectoryType = {
  token: "azuread:index/application:Application",
  inputs: z.strictObject({
    displayName: text.min(1).max(120),
    ...optional({
      description: text.max(1024),
      fallbackPublicClientEnabled: flag,
      identifierUris: z.array(text),
      notes: text,
      owners: z.array(text),
      preventDuplicateNames: flag,
      serviceManagementReference: text,
      signInAudience: z.enum(["AzureADMyOrg", "AzureADMultipleOrgs"]),
      tags: z.array(text),
    }).shape,
  }),
  replaceOn: [],
  computed: ["clientId", "objectId", "publisherDomain"],

  create(inputs, tenant) {
    checkOwners(inputs, tenant);
    const applications = tenant.objects.list<Application>("application");
    if (
      inputs.preventDuplicateNames &&
      applications.some(({ displayName }) => displayName === inputs.displayName)
    ) {
      throw new Error(
        `Tried to find an existing application named ${String(inputs.displayName)} and found one.`,
      );
    }
    const objectId = randomUUID();
    const outputs = complete(inputs, { objectId, clientId: randomUUID() });
    tenant.objects.put("application", objectId, outputs);
    return { id: `/applications/${objectId}`, outputs };
  },

  update(id, inputs, tenant) {
    const previous = tenant.objects.get<Properties>("application", guidOf(id));
    if (!previous)
      throw graphError(404, "Request_ResourceNotFound", `Resource '${guidOf(id)}' does not exist.`);
    checkOwners(inputs, tenant);
    const outputs = complete(inputs, {
      objectId: previous.objectId as string,
      clientId: previous.clientId as string,
    });
    tenant.objects.put("application", guidOf(id), outputs);
    return outputs;
  },

  read: (id, tenant) => tenant.objects.get<Properties>("application", guidOf(id)),

  // The service principal and the federated credentials are deleted with the app registration.
  delete(id, tenant) {
    const objectId = guidOf(id);
    const { clientId } = tenant.objects.get<Application>("application", objectId) ?? {};
    const principal = clientId && tenant.azure.directory.findByAppId(clientId);
    if (principal) deleteServicePrincipal(principal.objectId, tenant);
    for (const each of tenant.objects.list<{ applicationObjectId: string }>("federatedCredential")) {
      if (each.applicationObjectId === objectId) tenant.objects.remove("federatedCredential", each.id);
    }
    tenant.objects.removeSoftly("application", objectId, tenant.azure.clock.now());
  },
};

function complete(inputs: Properties, ids: { objectId: string; clientId: string }): Properties {
  return { signInAudience: "AzureADMyOrg", ...inputs, ...ids, publisherDomain: "example.onmicrosoft.com" };
}

function checkOwners(inputs: Properties, tenant: Tenant): void {
  requirePrincipals((inputs.owners ?? []) as string[], tenant);
}
