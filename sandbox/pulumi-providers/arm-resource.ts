import { resourceTypes } from "../resource-manager/resource-type-registry.ts";
import { toBody, toId } from "./azure-native-shape.ts";
import type { Properties } from "./provider.ts";

/** A declared resource of azure-native, as a deployment template of Azure Resource Manager has it. */
export interface ArmResource {
  /** Resource ID after the deployment. */
  id: string;
  /** For example Microsoft.Storage/storageAccounts/blobServices/containers. */
  type: string;
  apiVersion: string;
  /** Its own name after those of its parents, for example account/default/container. */
  name: string;
  /** ID of the resource that an extension resource, such as a role assignment, belongs to. */
  scope?: string;
  location?: string;
  tags?: Record<string, string>;
  sku?: Record<string, unknown>;
  kind?: string;
  identity?: Record<string, unknown>;
  zones?: string[];
  properties: Record<string, unknown>;
  /** Whether the type has a location and tags: Azure Policy's mode Indexed sees no other resource. */
  isIndexed: boolean;
}

const typesByToken = new Map(resourceTypes.map((type) => [type.token, type]));
const resourceGroupType = "Microsoft.Resources/resourceGroups";

/**
 * Converts the inputs of an azure-native resource to the resource in a deployment template. The names of properties are
 * those of the REST API.
 * @param token Type token, for example azure-native:storage:StorageAccount.
 * @throws Error when the sandbox does not know the type.
 */
export function toArmResource(token: string, inputs: object, subscriptionId: string): ArmResource {
  const type = typesByToken.get(token);
  if (!type) throw new Error(`The sandbox does not know the resource type ${token}, so it has no template.`);
  // The inputs were checked when they were deployed.
  const declared = inputs as Properties;
  const id = toId(type, subscriptionId, declared);
  const isExtension = type.path.startsWith("/{");
  const provider = id.lastIndexOf("/providers/");
  return {
    id,
    type: type.type,
    apiVersion: type.apiVersion,
    name: type.type === resourceGroupType ? id.split("/").at(-1)! : nameOf(id.slice(provider)),
    scope: isExtension ? id.slice(0, provider) : undefined,
    properties: {},
    ...toBody(type, declared),
    isIndexed:
      type.type !== resourceGroupType && type.topLevel.includes("location") && type.topLevel.includes("tags"),
  };
}

/** The names in /providers/NAMESPACE/TYPE/NAME/TYPE/NAME, with a slash between them. */
const nameOf = (path: string): string =>
  path
    .split("/")
    .slice(3)
    .filter((_, index) => index % 2 === 1)
    .join("/");
