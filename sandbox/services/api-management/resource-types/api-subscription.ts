import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, restricted } from "../../../resource-manager/input-effect.ts";
import type { Draft, ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text } from "../../../resource-manager/shared-inputs.ts";

const keepingKeys = new WeakSet<AzureEnvironment>();

/**
 * From now on, API Management refuses a key that is at that moment the value of the subscription's other field. Azure does
 * not document what it does: tests try both.
 */
export function refuseMovedKeys(azure: AzureEnvironment): void {
  keepingKeys.add(azure);
}

/** A new subscription key: 32 hexadecimal digits, as API Management generates them. */
export function mintSubscriptionKey(): string {
  return randomBytes(16).toString("hex");
}

/** Microsoft.ApiManagement/service/subscriptions: two keys for one API, or for all APIs of a service. */
export const apiSubscription: ResourceType = {
  type: "Microsoft.ApiManagement/service/subscriptions",
  token: "azure-native:apimanagement:Subscription",
  apiVersion: "2024-05-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}/subscriptions/{sid}",
  autoName: "copy",
  inputs: z.strictObject({
    displayName: enforced(text.min(1).max(100), "policies read it as context.Subscription.Name"),
    scope: enforced(text, "the keys open the APIs of this scope"),
    ...optional({
      allowTracing: restricted(flag, "true is refused"),
      ownerId: restricted(text, "every owner is refused: the sandbox has no users"),
      primaryKey: enforced(text.min(1).max(256), "the gateway accepts it"),
      secondaryKey: enforced(text.min(1).max(256), "the gateway accepts it"),
      state: enforced(
        z.enum(["suspended", "active", "expired", "submitted", "rejected", "cancelled"]),
        "the gateway accepts the keys of active subscriptions only",
      ),
    }).shape,
  }),
  topLevel: [],
  computed: ["createdDate", "endDate", "expirationDate", "notificationDate", "startDate", "stateComment"],
  actions: ["listSecrets/action", "regeneratePrimaryKey/action", "regenerateSecondaryKey/action"],

  writeOnly: () => ["primaryKey", "secondaryKey"],

  check(draft, azure) {
    const { resource } = draft;
    if (!/^[^*#&+:<>?]{1,256}$/.test(resource.name)) throw invalid(`'${resource.name}' is not a valid sid.`);
    const { allowTracing, ownerId } = resource.properties;
    if (allowTracing) throw new NotInSandboxError("tracing in API Management");
    if (ownerId !== undefined) throw new NotInSandboxError("users of API Management");
    resource.properties.scope = fullScope(draft, azure);
    const keys = [resource.properties.primaryKey, resource.properties.secondaryKey].filter(Boolean);
    if (keys.length === 2 && keys[0] === keys[1]) throw invalid("The two keys must differ.");
    if (keys.length === 0) return;
    const taken = azure.resources
      .below(serviceId(resource.id))
      .some(
        (other) =>
          other.type === resource.type &&
          other.id.toLowerCase() !== resource.id.toLowerCase() &&
          (keys.includes(other.properties.primaryKey) || keys.includes(other.properties.secondaryKey)),
      );
    if (taken) throw invalid("A key is in use by another subscription.");
    const { primaryKey, secondaryKey } = resource.properties;
    const before = draft.previous?.properties;
    const moves =
      (primaryKey && primaryKey === before?.secondaryKey) ||
      (secondaryKey && secondaryKey === before?.primaryKey);
    if (moves && keepingKeys.has(azure))
      throw invalid("A key is in use by the other field of the subscription.");
  },

  complete({ resource, previous }, azure) {
    resource.properties = {
      // "state: If no value is specified, subscription is created with Submitted state."
      state: "submitted",
      allowTracing: false,
      ...previous?.properties,
      ...resource.properties,
      primaryKey: resource.properties.primaryKey ?? previous?.properties.primaryKey ?? mintSubscriptionKey(),
      secondaryKey:
        resource.properties.secondaryKey ?? previous?.properties.secondaryKey ?? mintSubscriptionKey(),
      createdDate: previous?.properties.createdDate ?? new Date(azure.clock.now()).toISOString(),
    };
  },
};

/** Expands a scope that is relative to the service. Scopes are stored in full. */
function fullScope({ resource, previous }: Draft, azure: AzureEnvironment): string {
  const service = serviceId(resource.id);
  const given = resource.properties.scope as string;
  if (previous && given === previous.properties.scope) return given;
  const relative = given.toLowerCase().startsWith(`${service.toLowerCase()}/`)
    ? given.slice(service.length)
    : given;
  if (relative === "/apis" || relative === "/apis/") return `${service}/apis`;
  if (!/^\/apis\/[^/]+$/.test(relative)) {
    throw invalid("Subscription scope should be one of '/apis', '/apis/{apiId}', '/products/{productId}'.");
  }
  const api = azure.resources.get(`${service}${relative}`);
  if (!api) throw invalid(`The API of the scope '${given}' could not be found.`);
  return api.id;
}

function serviceId(id: string): string {
  return id.slice(0, id.lastIndexOf("/subscriptions/"));
}

function invalid(message: string): ArmError {
  return new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${message}`);
}
