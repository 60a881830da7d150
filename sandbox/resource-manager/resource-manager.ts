import type { AzureEnvironment } from "../core/azure-environment.ts";
import { ArmError } from "./arm-error.ts";
import { settleIdentity } from "./managed-identity.ts";
import { normalizeLocation, region } from "./regions.ts";
import { displayPath, matchPath, resourceGroupId } from "./resource-ids.ts";
import type { Draft, ResourceType } from "./resource-type.ts";
import { resourceTypes } from "./resource-type-registry.ts";
import type { Resource } from "./resources.ts";

/** A resource's ID with the type it belongs to. */
export interface MatchedResource {
  type: ResourceType;
  names: Record<string, string>;
}

/** The part of a resource that a caller writes; the rest follows from its ID. */
export type ResourceBody = Pick<Resource, "location" | "tags" | "kind" | "sku" | "identity"> & {
  properties?: Record<string, unknown>;
};

/** Azure Resource Manager: reads, writes and deletes resources as one caller, with Azure's checks. */
export class ResourceManager {
  readonly azure: AzureEnvironment;
  private readonly callerId: string;

  /** @param callerId Object ID of the principal whose roles decide what is allowed. */
  constructor(azure: AzureEnvironment, callerId: string) {
    this.azure = azure;
    this.callerId = callerId;
  }

  /**
   * @throws ArmError AuthorizationFailed (403) when no role assignment of the caller allows it.
   * @param action For example Microsoft.Storage/storageAccounts/listKeys/action.
   */
  authorize(action: string, scope: string): void {
    if (this.azure.access.allows(this.callerId, action, scope, "action")) return;
    const client = this.azure.directory.get(this.callerId)?.appId ?? this.callerId;
    throw new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${client}' with object id '${this.callerId}' does not have authorization to perform action ` +
        `'${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please ` +
        "refresh your credentials.",
    );
  }

  /**
   * An API Management service can refuse older API versions, which show secrets in plain GETs, by its
   * apiVersionConstraint. It speaks of API Management's versions only, not of those of another provider's resource that
   * is kept with the service, such as a role assignment. @throws ArmError InvalidApiVersionParameter (400)
   */
  checkApiVersion(id: string, version: string): void {
    const service =
      /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.apimanagement\/service\/[^/]+(?!.*\/providers\/)/i;
    const found = service.exec(id)?.[0];
    const constraint = found && this.azure.resources.get(found)?.properties.apiVersionConstraint;
    const minimum = (constraint as { minApiVersion?: string } | undefined)?.minApiVersion;
    if (minimum === undefined || version.slice(0, 10) >= minimum.slice(0, 10)) return;
    throw new ArmError(
      400,
      "InvalidApiVersionParameter",
      `The service takes API versions of ${minimum} or later only, not ${version}.`,
    );
  }

  /** @throws ArmError ResourceNotFound (404), or what `authorize` throws. */
  read(id: string): Resource {
    this.authorize(`${place(id).type.type}/read`, id);
    return this.shown(id);
  }

  /**
   * The resource as it is kept, for whoever was authorized otherwise.
   * @throws ArmError ResourceNotFound, or ResourceGroupNotFound when its group is not there either (404).
   */
  existing(id: string): Resource {
    const found = this.azure.resources.get(id);
    if (found) return found;
    const group = resourceGroupId(id);
    throw notFound(group && !this.azure.resources.get(group) ? group : id);
  }

  /** The same as an answer shows it: without what is never read back. */
  shown(id: string): Resource {
    return shown(this.existing(id), place(id).type);
  }

  /** Makes the resource or puts another in its place, as a PUT does. @throws ArmError */
  async write(id: string, body: ResourceBody): Promise<Resource> {
    const { type, names } = place(id);
    this.checkSubscription(id);
    this.authorize(`${type.type}/write`, id);
    this.checkParents(id, type, names);
    const previous = this.azure.resources.get(id);
    const resource: Resource = {
      ...body,
      id: previous?.id ?? id,
      type: type.type,
      name: previous?.name ?? (id.split("/").pop() as string),
      properties: { ...body.properties },
    };
    const draft: Draft = { resource, names, previous, callerId: this.callerId };
    checkLocation(draft, type);
    checkTags(draft);
    // Most checks answer at once; then nothing comes between them and the write.
    const pending = type.check(draft, this.azure);
    if (pending) await pending;
    return this.azure.store.transaction(() => {
      settleIdentity(draft, this.azure);
      type.complete?.(draft, this.azure);
      this.azure.resources.put(resource);
      type.stored?.(draft, this.azure);
      return shown(resource, type);
    });
  }

  /** Deletes the resource and everything in it; one that is not there counts as deleted. @throws ArmError */
  delete(id: string): void {
    const { type } = place(id);
    this.authorize(`${type.type}/delete`, id);
    const resource = this.azure.resources.get(id);
    if (!resource) return;
    type.checkDelete?.(resource, this.azure);
    const gone = [...this.azure.resources.below(id), resource];
    this.azure.store.transaction(() => {
      this.azure.resources.delete(id);
      for (const each of gone) {
        const principalId = each.identity?.principalId;
        if (typeof principalId === "string") this.azure.directory.remove(principalId);
        resourceTypes.find((candidate) => candidate.type === each.type)?.deleted?.(each, this.azure);
      }
    });
  }

  /** @throws ArmError SubscriptionNotFound (404) for an ID in any other subscription than the sandbox's one. */
  checkSubscription(id: string): void {
    const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(id)?.[1];
    if (subscriptionId?.toLowerCase() === this.azure.subscriptionId) return;
    throw new ArmError(
      404,
      "SubscriptionNotFound",
      `The subscription '${subscriptionId ?? ""}' could not be found.`,
    );
  }

  private checkParents(id: string, type: ResourceType, names: Record<string, string>): void {
    const group = resourceGroupId(id);
    if (group && group.length < id.length && !this.azure.resources.get(group)) {
      const name = group.split("/").pop();
      throw new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
    }
    for (const parent of parents(id, type, names)) {
      if (this.azure.resources.get(parent)) continue;
      throw new ArmError(
        404,
        "ParentResourceNotFound",
        `Failed to perform 'write' on resource(s) of type '${type.type}', because the parent resource ` +
          `'/${displayPathOrId(parent)}' could not be found.`,
      );
    }
  }
}

/** @throws ArmError NotInSandbox when no type has such IDs; no 404, which clients take for a thing that is not there. */
export function place(id: string): MatchedResource {
  for (const type of resourceTypes) {
    const match = matchPath(type.path, id);
    if (match) return { type, names: match.names };
  }
  throw new ArmError(400, "NotInSandbox", `The sandbox knows no resource type with the ID '${id}'.`);
}

/** A resource as an answer shows it. */
function shown(resource: Resource, type: ResourceType): Resource {
  const hidden = type.writeOnly?.(resource) ?? [];
  const properties = Object.entries(resource.properties).filter(([name]) => !hidden.includes(name));
  return { ...resource, properties: Object.fromEntries(properties) };
}

/** @returns The error that Azure answers for an ID that holds nothing. */
export function notFound(id: string): ArmError {
  if (resourceGroupId(id) === id) {
    return new ArmError(
      404,
      "ResourceGroupNotFound",
      `Resource group '${id.split("/").pop()}' could not be found.`,
    );
  }
  const group = resourceGroupId(id)?.split("/").pop();
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${displayPathOrId(id)}'${group ? ` under resource group '${group}'` : ""} was not found. ` +
      "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  );
}

/** The IDs of the resources that must exist around it: each prefix that is itself the path of a known type. */
function parents(id: string, type: ResourceType, names: Record<string, string>): string[] {
  const scope = names.scope ?? names.resourceUri;
  if (scope !== undefined) return isContainer(scope) ? [] : [`/${scope.replace(/^\//, "")}`];
  const found: string[] = [];
  for (let cut = id.lastIndexOf("/"); cut > 0; cut = id.lastIndexOf("/", cut - 1)) {
    const prefix = id.slice(0, cut);
    if (isContainer(prefix)) continue;
    if (resourceTypes.some((each) => each !== type && matchPath(each.path, prefix))) found.unshift(prefix);
  }
  return found;
}

/** Subscriptions stand by themselves; whether a resource group exists is checked with its own error. */
function isContainer(id: string): boolean {
  return /^\/?subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?$/i.test(id);
}

function displayPathOrId(id: string): string {
  return id.includes("/providers/") ? displayPath(id) : id;
}

function checkLocation({ resource, previous }: Draft, type: ResourceType): void {
  if (!type.regions) return;
  if (!resource.location) {
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  }
  const location = normalizeLocation(resource.location);
  if (!type.regions.includes(location)) {
    const known = region(location) || location === "global";
    throw new ArmError(
      400,
      known ? "LocationNotAvailableForResourceType" : "InvalidLocation",
      `The provided location '${resource.location}' is not available for resource type '${type.type}'. List of ` +
        `available regions for the resource type is '${type.regions.join(",")}'.`,
    );
  }
  if (previous?.location && previous.location !== location) {
    throw new ArmError(
      409,
      "InvalidResourceLocation",
      `The resource '${resource.name}' already exists in location '${previous.location}'. A resource with the ` +
        `same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  resource.location = location;
}

function checkTags({ resource }: Draft): void {
  const count = Object.keys(resource.tags ?? {}).length;
  // Azure documentation, "Use tags to organize your Azure resources": 50 name-value pairs a resource.
  if (count > 50) {
    throw new ArmError(400, "TagsExceedLimit", `The resource has ${count} tags; at most 50 are allowed.`);
  }
  const wrong = Object.keys(resource.tags ?? {}).find((name) => /[<>%&\\?/]/.test(name));
  if (wrong !== undefined) {
    throw new ArmError(
      400,
      "InvalidTagNameCharacters",
      `The tag name '${wrong}' has reserved characters: <, >, %, &, \\, ? or /.`,
    );
  }
}
