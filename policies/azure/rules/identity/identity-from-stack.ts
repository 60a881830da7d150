import { resourcesOfType } from "../../engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { hasValueOf } from "../../engine/stack-values.ts";
import { shortName, types } from "../../engine/type-tokens.ts";
import { type Value, valueAt } from "../../engine/value.ts";

/** By type and property: the type of the resource that must give the value, and the value. */
const requiredSources: [
  type: string,
  property: string,
  sourceType: string,
  givenValue: (source: DeclaredResource) => Value,
][] = [
  [types.servicePrincipal, "clientId", types.application, ({ outputs }) => valueAt(outputs, "clientId")],
  [types.federatedCredential, "applicationId", types.application, ({ outputs }) => valueAt(outputs, "id")],
  [types.groupMember, "groupObjectId", types.group, ({ outputs }) => valueAt(outputs, "objectId")],
];

export const identityFromStack: StackRule = {
  id: "identity-from-stack",
  severity: "high",
  description:
    "Service principals, credentials and memberships belong to the stack's own application and group.",
  reason: "The owners of another application or group could give access to the fleet.",
  remedy: "Use the stack's own application and group.",
  sources: [
    microsoftLearn(
      "Workload identity federation: considerations",
      "entra/workload-id/workload-identity-federation-considerations",
    ),
  ],
  checkStack: (resources) =>
    requiredSources.flatMap(([type, property, sourceType, givenValue]) =>
      resourcesOfType(resources, type)
        .filter(
          (resource) => !hasValueOf(resource, property, resourcesOfType(resources, sourceType), givenValue),
        )
        .map((resource) => ({
          resource,
          problem: `${property} does not come from the stack's own ${shortName(sourceType)}.`,
        })),
    ),
};
