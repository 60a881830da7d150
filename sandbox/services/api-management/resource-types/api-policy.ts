import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { text } from "../../../resource-manager/shared-inputs.ts";

/** Microsoft.ApiManagement/service/apis/policies. A policy that the gateway does not support is rejected here. */
export const apiPolicy: ResourceType = {
  type: "Microsoft.ApiManagement/service/apis/policies",
  token: "azure-native:apimanagement:ApiPolicy",
  apiVersion: "2024-05-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}/apis/{apiId}/policies/{policyId}",
  autoName: "copy",
  inputs: z.strictObject({
    value: enforced(text, "the gateway runs it; what the gateway cannot run is refused"),
    format: enforced(
      z.enum(["xml", "rawxml", "xml-link", "rawxml-link"]),
      "decides how the value is read; links are refused",
    ).optional(),
  }),
  topLevel: [],
  computed: [],

  async check({ resource, names }, azure) {
    if (names.policyId !== "policy")
      throw invalid(`The policy's ID must be 'policy', not '${names.policyId}'.`);
    const { value, format } = resource.properties as { value: string; format?: string };
    if (format?.endsWith("-link")) throw new NotInSandboxError("API Management policies by link");
    // Loaded on first use, because it loads the C# parser.
    const { checkPolicy } = await import("../policy-check.ts");
    const serviceId = resource.id.split("/apis/")[0] as string;
    const sku = String(azure.resources.get(serviceId)?.sku?.name);
    const namedValues = azure.resources
      .below(serviceId)
      .filter(({ type }) => type === "Microsoft.ApiManagement/service/namedValues")
      .map(({ properties }) => properties as { displayName: string; value: string; secret: boolean });
    const problems = checkPolicy(value, {
      format: format === "rawxml" ? "rawxml" : "xml",
      tier: sku.endsWith("V2") ? "v2" : "classic",
      namedValue: (name) => namedValues.find(({ displayName }) => displayName === name)?.value,
      hasBackend: (id) => azure.resources.get(`${serviceId}/backends/${id}`) !== undefined,
    });
    if (problems.length === 0) return;
    // A problem may quote the policy with inserted named values.
    const said = namedValues
      .filter(({ secret }) => secret)
      .reduce(
        (text, each) => text.replaceAll(each.value, `{{${each.displayName}}}`),
        problems.map(({ message }) => message).join("; "),
      );
    throw invalid(said);
  },

  complete({ resource }) {
    resource.properties = { format: "xml", ...resource.properties };
  },
};

function invalid(message: string): ArmError {
  return new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${message}`);
}
