import type { z } from "zod";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Resource } from "./resources.ts";

/** A resource that is about to be written. */
export interface Draft {
  /** As it will be stored. `check` reads it, and `complete` adds defaults and read-only properties. */
  resource: Resource;
  /** The names in the braces of the type's path. */
  names: Record<string, string>;
  /** The stored resource with this ID; undefined when it does not exist yet. */
  previous: Resource | undefined;
  /** Object ID of the caller. */
  callerId: string;
}

/** A resource type: Azure's rules for it, and how Pulumi's azure-native represents it. */
export interface ResourceType {
  /** For example Microsoft.Storage/storageAccounts. */
  type: string;
  /** Pulumi's type token, for example azure-native:storage:StorageAccount. */
  token: string;
  /** The REST API version that azure-native 3.28 uses for it. */
  apiVersion: string;
  /** The path of its IDs. The names in braces are inputs of the SDK. */
  path: string;
  /**
   * The name that azure-native gives a resource without a name in the program: the logical name with a suffix, the logical
   * name itself, or a GUID.
   */
  autoName: "random" | "copy" | "uuid";
  /**
   * The inputs of the SDK, except the names in the path. Strict: any other input is an error. Each input is marked with
   * `enforced`, `restricted` or `noEffect` of input-effect.ts.
   */
  inputs: z.ZodObject;
  /** Inputs beside `properties` in the REST body. All other inputs are in `properties`. */
  topLevel: string[];
  /** REST names of inputs (at any depth) where they differ from the SDK's. */
  renames?: Record<string, string>;
  /** Inputs, besides the names in the path, that replace the resource when they change. */
  replaceOn?: string[];
  /** Outputs that are unknown in a preview, because Azure sets them. A dot leads into an object that is also an input. */
  computed: string[];
  /** Set when the resource exists as long as its parent: a create updates it, and a delete writes these properties. */
  singleton?: { properties: Record<string, unknown> };
  /** Set when Azure keeps the resource after its target was deleted, and applies it to a new target with the same ID. */
  outlivesTarget?: true;
  /** Control plane operations besides read, write and delete, for example ["listkeys/action"]. */
  actions?: string[];
  /** Operations on the data in the resource that a role can grant, for example ["devices/read"]. */
  dataActions?: string[];
  /** Short names of the regions that offer it, or ["global"]. Undefined for a type without a location. */
  regions?: string[];
  /** Refuses what Azure refuses. The parents and the caller's rights were checked before. @throws ArmError */
  check(draft: Draft, azure: AzureEnvironment): Promise<void> | void;
  /** Adds Azure's defaults and read-only properties. */
  complete?(draft: Draft, azure: AzureEnvironment): void;
  /** Called after the resource was stored: writes what Azure creates or changes along with it. */
  stored?(draft: Draft, azure: AzureEnvironment): void;
  /** Names of properties that are never read back, such as keys. The sandbox's services still read them. */
  writeOnly?(resource: Resource): string[];
  /**
   * Refuses a deletion that Azure refuses.
   * @param ifMatch The ETag that the caller sent; undefined when it sent none.
   * @throws ArmError
   */
  checkDelete?(resource: Resource, azure: AzureEnvironment, ifMatch: string | undefined): void;
  /** Called after the resource was deleted: writes what Azure keeps of it. */
  deleted?(resource: Resource, azure: AzureEnvironment): void;
}
