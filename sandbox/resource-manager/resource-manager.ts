import type { AzureEnvironment } from "../core/azure-environment.ts";
import { runApiChange } from "../services/api-management/api-lock.ts";
import { ArmError, notFound } from "./arm-error.ts";
import { checkLocation, checkTags } from "./common-checks.ts";
import { etagMember } from "./etag.ts";
import { applyIdentity } from "./managed-identity.ts";
import { type MatchedResource, matchResource, parentIds } from "./match-resource.ts";
import { displayPath, fillPath, resourceGroupId } from "./resource-ids.ts";
import type { Draft, ResourceType } from "./resource-type.ts";
import { resourceTypes } from "./resource-type-registry.ts";
import type { Resource } from "./resources.ts";
import { checkSubscriptionAllows } from "./subscription-checks.ts";

/** The part of a resource that a caller writes. The rest follows from its ID. */
export type ResourceBody = Pick<Resource, "location" | "tags" | "kind" | "sku" | "identity"> & {
  properties?: Record<string, unknown>;
};

/** An API Management service at the end of an ID or before child resources, but not before another provider's resource. */
const apiManagementServicePattern =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.apimanagement\/service\/[^/]+(?!.*\/providers\/)/i;

/** Azure Resource Manager: reads, writes and deletes resources on behalf of one caller, with Azure's checks. */
export class ResourceManager {
  readonly azure: AzureEnvironment;
  private readonly callerId: string;

  /** @param callerId Object ID of the principal whose roles decide what is allowed. */
  constructor(azure: AzureEnvironment, callerId: string) {
    this.azure = azure;
    this.callerId = callerId;
  }

  /**
   * @throws ArmError AuthorizationFailed (403) unless a role assignment of the caller allows the action.
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
   * Checks the apiVersionConstraint of an API Management service. With it a service refuses older API versions, which
   * return secrets in a GET.
   * @throws ArmError InvalidApiVersionParameter (400)
   */
  checkApiVersion(id: string, version: string): void {
    const serviceId = apiManagementServicePattern.exec(id)?.[0];
    const constraint = serviceId && this.azure.resources.get(serviceId)?.properties.apiVersionConstraint;
    const minimum = (constraint as { minApiVersion?: string } | undefined)?.minApiVersion;
    if (minimum === undefined || version.slice(0, 10) >= minimum.slice(0, 10)) return;
    throw new ArmError(
      400,
      "InvalidApiVersionParameter",
      `The service accepts API versions of ${minimum} or later, not ${version}.`,
    );
  }

  /** @throws ArmError ResourceNotFound or ResourceGroupNotFound (404), AuthorizationFailed (403). */
  read(id: string): Resource {
    this.authorize(`${matchResource(id).type.type}/read`, id);
    return this.readable(id);
  }

  /**
   * Returns a stored resource without a check of the caller's rights, with the properties that are never read back.
   * @throws ArmError ResourceNotFound, or ResourceGroupNotFound when its group does not exist either (404).
   */
  stored(id: string): Resource {
    const resource = this.azure.resources.get(id);
    if (resource) return resource;
    const group = resourceGroupId(id);
    throw notFound(group && !this.azure.resources.get(group) ? group : id);
  }

  /** The same as `stored`, without the properties that are never read back, and with the ETag. */
  readable(id: string): Resource {
    return shown(this.stored(id), matchResource(id).type);
  }

  /** The checks of a write that do not need its body: rights and parents. @throws ArmError */
  checkWritable(id: string): void {
    const matched = matchResource(id);
    this.checkSubscription(id);
    this.authorize(`${matched.type.type}/write`, id);
    this.checkParents(id, matched);
  }

  /**
   * Creates or replaces a resource, as a PUT does.
   * @param accept Called with the resource as it will be stored. When it throws, nothing is stored.
   * @throws ArmError
   */
  async write(id: string, body: ResourceBody, accept?: (completed: Resource) => void): Promise<Resource> {
    return runApiChange(id, this.azure, () => this.writeNow(id, body, accept));
  }

  private async writeNow(
    id: string,
    body: ResourceBody,
    accept: ((completed: Resource) => void) | undefined,
  ): Promise<Resource> {
    this.checkWritable(id);
    const { type, names } = matchResource(id);
    const previous = this.azure.resources.get(id);
    const resource: Resource = {
      ...body,
      id: previous?.id ?? this.canonicalId(id),
      type: type.type,
      name: previous?.name ?? (id.split("/").pop() as string),
      properties: { ...body.properties },
    };
    const draft: Draft = { resource, names, previous, callerId: this.callerId };
    checkSubscriptionAllows(resource, this.azure);
    checkLocation(draft, type);
    checkTags(draft);
    // Wait only for a check that returns a promise: then no other write comes between a check and its write.
    const pending = type.check(draft, this.azure);
    if (pending) await pending;
    return this.azure.store.transaction(() => {
      applyIdentity(draft, this.azure);
      type.complete?.(draft, this.azure);
      accept?.(resource);
      this.azure.resources.put(resource);
      type.stored?.(draft, this.azure);
      return shown(resource, type);
    });
  }

  /**
   * Deletes a resource and the resources below it. What Azure keeps stays: soft-deleted resources and diagnostic
   * settings. Deleting a missing resource changes nothing.
   * @param conditions.ifMatch The ETag that the caller sent, for types that cannot be deleted without it.
   * @throws ArmError
   */
  async delete(id: string, conditions: { ifMatch?: string } = {}): Promise<void> {
    return runApiChange(id, this.azure, () => this.deleteNow(id, conditions.ifMatch));
  }

  private deleteNow(id: string, ifMatch: string | undefined): void {
    const { type } = matchResource(id);
    this.authorize(`${type.type}/delete`, id);
    const resource = this.azure.resources.get(id);
    if (!resource) return;
    type.checkDelete?.(resource, this.azure, ifMatch);
    const outlives = (each: Resource) =>
      each.softDeleted !== undefined ||
      resourceTypes.some((known) => known.type === each.type && known.outlivesTarget);
    const deleted = [...this.azure.resources.below(id).filter((each) => !outlives(each)), resource];
    this.azure.store.transaction(() => {
      this.azure.resources.delete(id, outlives);
      for (const each of deleted) {
        const principalId = each.identity?.principalId;
        if (typeof principalId === "string") this.azure.directory.remove(principalId);
        resourceTypes.find((candidate) => candidate.type === each.type)?.deleted?.(each, this.azure);
      }
    });
  }

  /**
   * @throws ArmError SubscriptionNotFound (404) for an ID outside the sandbox's only subscription, InvalidSubscriptionId
   * (400) for one that is no GUID. Source: the message that azure-cli and the SDKs print for such an ID.
   */
  checkSubscription(id: string): void {
    const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(id)?.[1];
    if (subscriptionId?.toLowerCase() === this.azure.subscriptionId) return;
    if (subscriptionId && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(subscriptionId)) {
      throw new ArmError(
        400,
        "InvalidSubscriptionId",
        `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`,
      );
    }
    throw new ArmError(
      404,
      "SubscriptionNotFound",
      `The subscription '${subscriptionId ?? ""}' could not be found.`,
    );
  }

  /** An ID in the form that Azure returns: types in their own case, groups and parents as they were created. */
  private canonicalId(id: string): string {
    const matched = matchResource(id);
    const canonical = fillPath(matched.type.path, matched.names);
    const containers = [resourceGroupId(canonical), ...parentIds(canonical, matched)];
    const nearest = containers.findLast(
      (each) => each && each.length < id.length && this.azure.resources.get(each),
    );
    const stored = nearest && this.azure.resources.get(nearest);
    return stored ? stored.id + canonical.slice(stored.id.length) : canonical;
  }

  /**
   * @throws ArmError ResourceGroupNotFound or ParentResourceNotFound (404). Source of the second: "Resolve errors for
   *   parent resource not found" (azure-resource-manager/troubleshooting).
   */
  checkContainers(id: string): void {
    this.checkGroup(id);
    const missing = parentIds(id, matchResource(id)).find((parent) => !this.azure.resources.get(parent));
    if (missing === undefined) return;
    throw new ArmError(
      404,
      "ParentResourceNotFound",
      `Can not perform requested operation on nested resource. Parent resource '${missing.split("/").pop()}' not found.`,
    );
  }

  private checkGroup(id: string): void {
    const group = resourceGroupId(id);
    if (group && group.length < id.length && !this.azure.resources.get(group)) throw notFound(group);
  }

  private checkParents(id: string, matched: MatchedResource): void {
    this.checkGroup(id);
    for (const parent of parentIds(id, matched)) {
      if (this.azure.resources.get(parent)) continue;
      throw new ArmError(
        404,
        "ParentResourceNotFound",
        `Failed to perform 'write' on resource(s) of type '${matched.type.type}', because the parent resource ` +
          `'/${displayPath(parent)}' could not be found.`,
      );
    }
  }
}

/** A stored resource as it is read: without the properties that are never read back, with its ETag. */
function shown(resource: Resource, type: ResourceType): Resource {
  const hidden = type.writeOnly?.(resource) ?? [];
  const properties = Object.entries(resource.properties).filter(([name]) => !hidden.includes(name));
  return {
    ...resource,
    ...(type.computed.includes("etag") ? { etag: etagMember(resource) } : {}),
    properties: Object.fromEntries(properties),
  };
}
