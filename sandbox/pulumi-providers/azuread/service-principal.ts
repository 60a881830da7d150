import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Application } from "../../entra-id/object-store.ts";
import { flag, optional, text } from "../../resource-manager/shared-inputs.ts";
import type { Properties } from "../provider.ts";
import { type DirectoryType, graphError, guidOf, requirePrincipals, type Tenant } from "./directory-type.ts";

/** The principal of an application, which has roles and signs in. */
export const servicePrincipal: DirectoryType = {
  token: "azuread:index/servicePrincipal:ServicePrincipal",
  inputs: z.strictObject({
    clientId: text,
    ...optional({
      accountEnabled: z.literal(true),
      appRoleAssignmentRequired: flag,
      description: text,
      notes: text,
      owners: z.array(text),
      tags: z.array(text),
    }).shape,
  }),
  replaceOn: ["clientId"],
  computed: [
    "applicationTenantId",
    "displayName",
    "objectId",
    "servicePrincipalNames",
    "signInAudience",
    "type",
  ],

  create(inputs, tenant) {
    const clientId = inputs.clientId as string;
    const application = tenant.objects
      .list<Application>("application")
      .find((each) => each.clientId === clientId);
    if (!application) {
      throw graphError(
        400,
        "Request_BadRequest",
        `The appId '${clientId}' of the service principal does not reference a valid application object.`,
      );
    }
    if (tenant.azure.directory.findByAppId(clientId)) {
      throw graphError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        "The service principal cannot be created, updated, or restored because the service principal name " +
          `${clientId} is already in use.`,
      );
    }
    const objectId = randomUUID();
    const outputs = complete(inputs, objectId, application.displayName, tenant);
    tenant.azure.directory.put({
      objectId,
      kind: "ServicePrincipal",
      displayName: application.displayName,
      appId: clientId,
    });
    tenant.objects.put("servicePrincipal", objectId, outputs);
    return { id: `/servicePrincipals/${objectId}`, outputs };
  },

  update(id, inputs, tenant) {
    const objectId = guidOf(id);
    const principal = tenant.azure.directory.get(objectId);
    if (!principal)
      throw graphError(404, "Request_ResourceNotFound", `Resource '${objectId}' does not exist.`);
    const outputs = complete(inputs, objectId, principal.displayName, tenant);
    tenant.objects.put("servicePrincipal", objectId, outputs);
    return outputs;
  },

  read: (id, tenant) => tenant.objects.get<Properties>("servicePrincipal", guidOf(id)),

  delete: (id, tenant) => deleteServicePrincipal(guidOf(id), tenant),
};

export function deleteServicePrincipal(objectId: string, tenant: Tenant): void {
  tenant.azure.directory.remove(objectId);
  tenant.objects.removeSoftly("servicePrincipal", objectId, tenant.azure.clock.now());
}

function complete(inputs: Properties, objectId: string, displayName: string, tenant: Tenant): Properties {
  requirePrincipals((inputs.owners ?? []) as string[], tenant);
  return {
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    ...inputs,
    applicationTenantId: tenant.azure.tenantId,
    displayName,
    objectId,
    servicePrincipalNames: [inputs.clientId as string],
    signInAudience: "AzureADMyOrg",
    type: "Application",
  };
}
