import type { z } from "zod";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Principal } from "../../entra-id/directory.ts";
import type { ObjectStore } from "../../entra-id/object-store.ts";
import type { Properties, State } from "../provider.ts";

/** What a type of the azuread provider works on. */
export interface Tenant {
  azure: AzureEnvironment;
  objects: ObjectStore;
  deployer: Principal;
}

/** One resource type of Pulumi's azuread. Every method throws in Microsoft Graph's words to refuse. */
export interface DirectoryType {
  /** Type token, for example azuread:index/group:Group. */
  token: string;
  inputs: z.ZodObject;
  /** Inputs whose change replaces the object. */
  replaceOn: string[];
  /** Outputs that only the directory knows. */
  computed: string[];
  create(inputs: Properties, tenant: Tenant): State;
  update(id: string, inputs: Properties, tenant: Tenant): Properties;
  /** The outputs now; undefined when the object is gone. */
  read(id: string, tenant: Tenant): Properties | undefined;
  delete(id: string, tenant: Tenant): void;
}

/** An error of Microsoft Graph, as the azuread provider shows it. */
export function graphError(status: number, code: string, message: string): Error {
  return new Error(`unexpected status ${status} with error: ${code}: ${message}`);
}

/** The GUID at the end of an ID such as /applications/GUID. */
export function guidOf(id: string): string {
  return id.split("/").pop() as string;
}

/** @throws when an object ID names nobody in the directory. */
export function requirePrincipals(ids: string[], { azure }: Tenant): void {
  for (const id of ids) {
    if (azure.directory.get(id)) continue;
    throw graphError(404, "Request_ResourceNotFound", `Resource '${id}' does not exist.`);
  }
}
