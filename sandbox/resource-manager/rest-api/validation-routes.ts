import { randomUUID } from "node:crypto";
import { z } from "zod";
import { evaluatePolicy, type PolicyTarget } from "../../services/policy/evaluate-policy.ts";
import { assignmentId, definitionId } from "../../services/policy/policy-assignment.ts";
import { ArmError, NotInSandboxError } from "../arm-error.ts";
import { isRegistered, subscriptionErrors } from "../subscription-checks.ts";
import { readConditions } from "../subscription-conditions.ts";
import {
  jsonBody,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
  writtenPath,
} from "./routes.ts";

const policyInsights = "Microsoft.PolicyInsights";

/** The part of a resource that both calls read. Other members are allowed, and have no effect here. */
const resourceContent = z.looseObject({
  type: z.string().regex(/^[\w.]+\/[\w/]+$/),
  name: z.string().optional(),
  location: z.string().optional(),
  kind: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  sku: z.record(z.string(), z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

const template = z.looseObject({ resources: z.array(resourceContent) });
const whatIfBody = z.looseObject({ properties: z.looseObject({ template }) });
const restrictionsBody = z.looseObject({ resourceDetails: z.looseObject({ resourceContent }) });

/**
 * Adds the calls that judge a deployment before it is made: what-if, and Azure Policy's check of a resource.
 * Sources: REST reference, Deployments "What If" and Policy Insights "Policy Restrictions"; that what-if refuses a
 * region which takes no new tenants is reported by users of bicep templates, and Microsoft documents that it runs
 * the preflight validation (azure-resource-manager/bicep/deploy-preflight).
 */
export function addValidationRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  /** Results of what-if by operation ID. In Azure too they are kept for a short time only. */
  const results = new Map<string, object>();

  const whatIf = async (context: ManagementContext) => {
    const scope = scopeBefore(writtenPath(context), "/providers/microsoft.resources");
    context.get("manager").authorize("Microsoft.Resources/deployments/whatIf/action", scope);
    requireGroup(context, scope);
    const { properties } = parse(whatIfBody, await jsonBody(context));
    // A nested deployment into a group that does not exist is not expanded: Azure documents it neither way.
    const resources = properties.template.resources.filter(({ type }) => !isDeployment(type));
    const expression = JSON.stringify(resources).match(/"\[[^[][^"]*\]"/)?.[0];
    if (expression) throw new NotInSandboxError(`template expressions in what-if, such as ${expression}`);
    const errors = resources.flatMap((resource) =>
      subscriptionErrors(resource, azure).map(({ code, message }) => ({
        code,
        target: resource.name,
        message,
      })),
    );
    const operation = randomUUID();
    results.set(
      operation,
      errors.length > 0
        ? {
            status: "Failed",
            error: {
              code: "InvalidTemplateDeployment",
              message: "The template deployment failed with multiple errors. See the details.",
              details: errors,
            },
          }
        : {
            status: "Succeeded",
            properties: {
              changes: resources.map(({ type, name }) => ({
                resourceId: `${scope}/providers/${type}/${name}`,
                changeType: "Create",
              })),
            },
          },
    );
    context.header(
      "Location",
      `https://management.azure.com/subscriptions/${azure.subscriptionId}/operationresults/${operation}?api-version=2021-04-01`,
    );
    context.header("Retry-After", "0");
    return context.body(null, 202);
  };
  const deployment = "providers/microsoft.resources/deployments/:d/whatif";
  app.post(`/subscriptions/:s/${deployment}`, whatIf);
  app.post(`/subscriptions/:s/resourcegroups/:g/${deployment}`, whatIf);

  app.get("/subscriptions/:s/operationresults/:o", (context) => {
    const result = results.get(context.req.param("o"));
    if (result) return context.json(result);
    throw new ArmError(404, "OperationNotFound", "The operation result does not exist or has expired.");
  });

  const restrictions = async (context: ManagementContext) => {
    const scope = scopeBefore(writtenPath(context), "/providers/microsoft.policyinsights");
    context.get("manager").authorize(`${policyInsights}/checkPolicyRestrictions/read`, scope);
    requireGroup(context, scope);
    if (!isRegistered(policyInsights, azure)) {
      throw new ArmError(
        409,
        "MissingSubscriptionRegistration",
        `The subscription is not registered to use namespace '${policyInsights}'.`,
      );
    }
    const { resourceDetails } = parse(restrictionsBody, await jsonBody(context));
    const policyEvaluations = readConditions(azure).policies.flatMap((policy) => {
      const evaluatedExpressions = evaluatePolicy(policy, resourceDetails.resourceContent as PolicyTarget);
      if (!evaluatedExpressions) return [];
      return [
        {
          policyInfo: {
            policyDefinitionId: definitionId(azure.subscriptionId, policy),
            policyAssignmentId: assignmentId(azure.subscriptionId, policy),
          },
          evaluationResult: "NonCompliant",
          evaluationDetails: { evaluatedExpressions },
          effectDetails: { policyEffect: "Deny" },
        },
      ];
    });
    return context.json({ fieldRestrictions: [], contentEvaluationResult: { policyEvaluations } });
  };
  const check = "providers/microsoft.policyinsights/checkpolicyrestrictions";
  app.post(`/subscriptions/:s/${check}`, restrictions);
  app.post(`/subscriptions/:s/resourcegroups/:g/${check}`, restrictions);

  app.get("/subscriptions/:s/providers/microsoft.authorization/policyassignments/:name", (context) => {
    const id = writtenPath(context);
    context.get("manager").authorize("Microsoft.Authorization/policyAssignments/read", id);
    const asked = context.req.param("name");
    const policy = readConditions(azure).policies.find(({ name }) => name.toLowerCase() === asked);
    if (!policy) {
      throw new ArmError(404, "PolicyAssignmentNotFound", `The policy assignment '${asked}' is not found.`);
    }
    const { name, displayName } = policy;
    const policyDefinitionId = definitionId(azure.subscriptionId, policy);
    return context.json({
      id,
      type: "Microsoft.Authorization/policyAssignments",
      name,
      properties: { displayName, policyDefinitionId },
    });
  });

  function requireGroup(context: ManagementContext, scope: string): void {
    if (/\/resourcegroups\//i.test(scope)) context.get("manager").stored(scope);
  }
}

function isDeployment(type: string): boolean {
  return type.toLowerCase() === "microsoft.resources/deployments";
}

function scopeBefore(path: string, provider: string): string {
  return path.slice(0, path.toLowerCase().lastIndexOf(provider));
}

function parse<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ArmError(400, "InvalidRequestContent", `${issue?.path.join(".")}: ${issue?.message}`);
}
