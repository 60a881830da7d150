import type { z } from "zod";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Principal } from "../../entra-id/directory.ts";
import type { ObjectStore } from "../../entra-id/object-store.ts";
import type { Properties, State } from "../provider.ts";

/** The directory on which the azuread provider works. */
export interface Tenant {
  azure: AzureEnvironment;
  objects: ObjectStore;
  deployer: Principal;
}

/** A resource type of Pulumi's azuread. Its methods throw errors with the messages of Microsoft Graph. */
export interface DirectoryType {
  /** Type token, for example azuread:index/group:Group. */
  token: string;
  inputs: z.ZodObject;
  /** Inputs that replace the object when they change. */
  replaceOn: string[];
  /** Outputs that the directory sets. */
  computed: string[];
  create(inputs: Properties, tenant: Tenant): State;
  update(id: string, inputs: Properties, tenant: Tenant): Properties;
  /** The current outputs; undefined when the object does not exist. */
  read(id: string, tenant: Tenant): Properties | undefined;
  delete(id: string, tenant: Tenant): void;
}

/** An error of Microsoft Graph in the form of the azuread provider. */
export function graphError(status: number, code: string, message: string): Error {
  return new Error(`unexpected status ${status} with error: ${code}: ${message}`);
}

/** The GUID at the end of an ID such as /applications/GUID. */
export function guidOf(id: string): string {
  return id.split("/").pop() as string;
}

/** @throws Error when the directory has no principal with one of the object IDs. */
export function requirePrincipals(ids: string[], { azure }: Tenant): void {
  for (const id of ids) {
    if (azure.directory.get(id)) continue;
    throw graphError(404, "Request_ResourceNotFound", `Resource '${id}' does not exist.`);
  }
}
