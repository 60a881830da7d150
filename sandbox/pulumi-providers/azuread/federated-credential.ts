import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Application, FederatedCredential } from "../../entra-id/object-store.ts";
import { text } from "../../resource-manager/shared-inputs.ts";
import type { Properties } from "../provider.ts";
import { type DirectoryType, graphError, guidOf, type Tenant } from "./directory-type.ts";

/** Maximum per application. Source: "Workload identity federation: important considerations and restrictions". */
const maxCredentials = 20;

/** Lets an application sign in with tokens of another issuer, for example of a CI service, without a secret. */
export const federatedCredential: DirectoryType = {
  token: "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
  inputs: z.strictObject({
    applicationId: text,
    audiences: z.array(text.max(600)).length(1),
    description: text.max(600).optional(),
    displayName: text.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/),
    issuer: z.url({ protocol: /^https$/ }).max(600),
    subject: text.min(1).max(600),
  }),
  replaceOn: ["applicationId", "displayName"],
  computed: ["credentialId"],

  create(inputs, tenant) {
    const applicationObjectId = guidOf(inputs.applicationId as string);
    if (!tenant.objects.get<Application>("application", applicationObjectId)) {
      throw graphError(
        404,
        "Request_ResourceNotFound",
        `Resource '${applicationObjectId}' does not exist or one of its queried reference-property objects are ` +
          "not present.",
      );
    }
    const others = listCredentials(applicationObjectId, tenant);
    if (others.length >= maxCredentials) {
      throw graphError(
        400,
        "Request_BadRequest",
        `An application can have at most ${maxCredentials} federated credentials.`,
      );
    }
    checkUnique(inputs, others);
    const credentialId = randomUUID();
    const outputs = { ...inputs, credentialId };
    tenant.objects.put("federatedCredential", credentialId, { ...outputs, applicationObjectId });
    return { id: `${applicationObjectId}/federatedIdentityCredential/${credentialId}`, outputs };
  },

  update(id, inputs, tenant) {
    const credentialId = guidOf(id);
    const applicationObjectId = guidOf(inputs.applicationId as string);
    checkUnique(
      inputs,
      listCredentials(applicationObjectId, tenant).filter((each) => each.id !== credentialId),
    );
    const outputs = { ...inputs, credentialId };
    tenant.objects.put("federatedCredential", credentialId, { ...outputs, applicationObjectId });
    return outputs;
  },

  read(id, tenant) {
    const { applicationObjectId: _, ...outputs } =
      tenant.objects.get<Properties>("federatedCredential", guidOf(id)) ?? {};
    return Object.keys(outputs).length > 0 ? outputs : undefined;
  },

  delete: (id, tenant) => tenant.objects.remove("federatedCredential", guidOf(id)),
};

function listCredentials(applicationObjectId: string, tenant: Tenant) {
  return tenant.objects
    .list<FederatedCredential>("federatedCredential")
    .filter((each) => each.applicationObjectId === applicationObjectId);
}

function checkUnique(inputs: Properties, others: FederatedCredential[]): void {
  if (others.some((each) => each.issuer === inputs.issuer && each.subject === inputs.subject)) {
    throw graphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      "FederatedIdentityCredential with the same issuer and subject already exists on the application.",
    );
  }
  if (others.some(({ displayName }) => displayName === inputs.displayName)) {
    throw graphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      `FederatedIdentityCredential with name ${String(inputs.displayName)} already exists.`,
    );
  }
}
