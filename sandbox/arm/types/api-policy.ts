import { z } from "zod";
import type { Cloud } from "../../cloud.ts";
import { ArmError, NotInSandboxError } from "../error.ts";
import { text } from "./inputs.ts";
import type { ResourceType } from "./resource-type.ts";

/** Microsoft.ApiManagement/service/apis/policies: the policy of an API, refused here when the gateway cannot run it. */
export const apiPolicy: ResourceType = {
  type: "Microsoft.ApiManagement/service/apis/policies",
  token: "azure-native:apimanagement:ApiPolicy",
  apiVersion: "2024-05-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}/apis/{apiId}/policies/{policyId}",
  autoName: "copy",
  inputs: z.strictObject({
    value: text,
    format: z.enum(["xml", "rawxml", "xml-link", "rawxml-link"]).optional(),
  }),
  topLevel: [],
  computed: [],

  async check({ resource, names }, cloud) {
    if (names.policyId !== "policy")
      throw invalid(`The policy's ID must be 'policy', not '${names.policyId}'.`);
    const { value, format } = resource.properties as { value: string; format?: string };
    if (format?.endsWith("-link")) throw new NotInSandboxError("API Management policies by link");
    // Loaded when first needed: it brings the parser of policy expressions along.
    const { checkPolicy } = await import("../../api-management/policy-check.ts");
    const problems = await checkPolicy(value);
    if (problems.length > 0) {
      throw invalid(
        problems.map(({ line, message }) => (line ? `line ${line}: ${message}` : message)).join("; "),
      );
    }
    checkReferences(value, resource.id.split("/apis/")[0] as string, cloud);
  },

  complete({ resource }) {
    resource.properties = { format: "xml", ...resource.properties };
  },
};

/** Named values ({{name}}) and backends that a policy names must exist before it. */
function checkReferences(policy: string, serviceId: string, cloud: Cloud): void {
  const inService = cloud.resources.below(serviceId);
  for (const [, name] of policy.matchAll(/\{\{([A-Za-z0-9-._]+)\}\}/g)) {
    const known = inService.some(
      (each) =>
        each.type === "Microsoft.ApiManagement/service/namedValues" && each.properties.displayName === name,
    );
    if (!known) throw invalid(`Cannot find a property '${name}'.`);
  }
  for (const [, id] of policy.matchAll(/backend-id="([^"@]+)"/g)) {
    if (!cloud.resources.get(`${serviceId}/backends/${id}`)) {
      throw invalid(`Backend with id '${id}' could not be found.`);
    }
  }
}

function invalid(message: string): ArmError {
  return new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${message}`);
}
