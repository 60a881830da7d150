import { dependsOn, resourcesOfType } from "../../engine/resource-queries.ts";
import type { StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { shortName, types } from "../../engine/type-tokens.ts";

/** The properties that must come from a resource of the stack, and the type of that resource. */
const requiredSources: [type: string, property: string, sourceType: string][] = [
  [types.servicePrincipal, "clientId", types.application],
  [types.federatedCredential, "applicationId", types.application],
  [types.groupMember, "groupObjectId", types.group],
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
    requiredSources.flatMap(([type, property, sourceType]) =>
      resourcesOfType(resources, type)
        .filter((resource) => !dependsOn(resource, property, resourcesOfType(resources, sourceType)))
        .map((resource) => ({
          resource,
          problem: `${property} does not come from the stack's own ${shortName(sourceType)}.`,
        })),
    ),
};
