import type { z } from "zod";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Resource } from "./resources.ts";

/** A resource that is about to be written, with what is known of its place. */
export interface Draft {
  /** As it will be stored; checks read it and `complete` fills it up. */
  resource: Resource;
  /** What stands in the braces of the type's path. */
  names: Record<string, string>;
  /** What is stored under this ID now; undefined when it is being made. */
  previous: Resource | undefined;
  /** Object ID of whoever writes it. */
  callerId: string;
}

/** What the sandbox knows of one resource type: Azure's rules, and how Pulumi's azure-native shows it. */
export interface ResourceType {
  /** For example Microsoft.Storage/storageAccounts. */
  type: string;
  /** Pulumi's type token, for example azure-native:storage:StorageAccount. */
  token: string;
  /** The REST API version that azure-native 3.28 uses for it. */
  apiVersion: string;
  /** The path of its IDs. The names in braces are the SDK's names of the inputs. */
  path: string;
  /** What azure-native calls a resource whose program gives no name: name and suffix, the bare name, or a GUID. */
  autoName: "random" | "copy" | "uuid";
  /**
   * The inputs of the SDK other than the names in the path. Strict: an input that is not here is an error. Each input
   * is marked with `enforced`, `restricted` or `noEffect` of input-effect.ts.
   */
  inputs: z.ZodObject;
  /** Inputs that stand beside `properties` in the REST body; all others stand within. */
  topLevel: string[];
  /** REST names of inputs (at any depth) where they differ from the SDK's. */
  renames?: Record<string, string>;
  /** Inputs besides the names in the path whose change replaces the resource. */
  replaceOn?: string[];
  /** Outputs that only Azure knows, so unknown while previewing; dots lead into objects that are also inputs. */
  computed: string[];
  /** It exists as long as its parent: creating it changes it, deleting it puts it back to `defaults`. */
  singleton?: { properties: Record<string, unknown> };
  /** Control plane operations besides read, write and delete, for example ["listkeys/action"]. */
  actions?: string[];
  /** Operations on the data in the resource that a role can grant, for example ["devices/read"]. */
  dataActions?: string[];
  /** Short names of the regions that offer it; "global" for what has no region. Left out: it has no location. */
  regions?: string[];
  /** Refuses what Azure refuses, by throwing ArmError. The place and the caller's rights were checked before. */
  check(draft: Draft, azure: AzureEnvironment): Promise<void> | void;
  /** Fills in Azure's defaults and read-only properties. */
  complete?(draft: Draft, azure: AzureEnvironment): void;
  /** After it was stored: what Azure makes along with it. */
  stored?(draft: Draft, azure: AzureEnvironment): void;
  /** Properties that are written but never read back, such as keys; the services inside the sandbox still see them. */
  writeOnly?(resource: Resource): string[];
  /** Refuses a deletion that Azure refuses. */
  checkDelete?(resource: Resource, azure: AzureEnvironment): void;
  /** After it was deleted: what Azure leaves behind. */
  deleted?(resource: Resource, azure: AzureEnvironment): void;
}
