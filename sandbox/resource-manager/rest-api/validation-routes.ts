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
const validateBody = z.looseObject({
  provider: z.string().min(1),
  type: z.string().min(1),
  location: z.string().optional(),
  scope: z.string().startsWith("/subscriptions/"),
  resources: z.array(resourceContent.omit({ type: true })).min(1),
});
const restrictionsBody = z.looseObject({ resourceDetails: z.looseObject({ resourceContent }) });

/**
 * Adds the calls that judge a deployment before it is made: what-if, the preflight validation of single resources, and
 * Azure Policy's check of a resource. Sources: REST reference, Deployments "What If" and Policy Insights "Policy
 * Restrictions". validateResources is not in the reference: its form is that of the clients azapi and aztfpreflight
 * (Azure/terraform-provider-azapi, Azure/aztfpreflight), and it also judges resource groups that do not exist yet. Users
 * of bicep templates report that what-if refuses a region which takes no new tenants; that validateResources does too
 * is inferred.
 */
export function addValidationRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  /** Results of what-if by operation ID. In Azure too they are kept for a short time only. */
  const results = new Map<string, object>();

  const whatIf = async (context: ManagementContext) => {
    const scope = scopeBefore(writtenPath(context), "/providers/microsoft.resources");
    context.get("manager").authorize("Microsoft.Resources/deployments/whatIf/action", scope);
    requireGroup(context, scope);
    const { properties } = parse(whatIfBody, await jsonBody(context));
    const { resources } = properties.template;
    // A nested deployment would have to be expanded. What-if does that only where it can evaluate all parameters.
    const nested = resources.find(({ type }) => type.toLowerCase() === "microsoft.resources/deployments");
    if (nested) throw new NotInSandboxError("nested deployments in what-if");
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
  app.post("/subscriptions/:s/resourcegroups/:g/providers/microsoft.resources/deployments/:d/whatif", whatIf);

  app.get("/subscriptions/:s/operationresults/:o", (context) => {
    const result = results.get(context.req.param("o"));
    if (result) return context.json(result);
    throw new ArmError(404, "OperationNotFound", "The operation result does not exist or has expired.");
  });

  app.post("/providers/microsoft.resources/validateresources", async (context) => {
    const body = parse(validateBody, await jsonBody(context));
    context.get("manager").checkSubscription(body.scope);
    const type = `${body.provider}/${body.type}`;
    context.get("manager").authorize(`${type}/write`, body.scope);
    const targets = body.resources.map((resource) => ({ location: body.location, ...resource, type }));
    const details = targets.flatMap((target) =>
      subscriptionErrors(target, azure).map(({ code, message }) => ({ code, target: target.name, message })),
    );
    if (details.length === 0) {
      const validatedResources = targets.map(({ name }) => `${body.scope}/providers/${type}/${name}`);
      return context.json({ properties: { validatedResources } });
    }
    const message = "Resource validation failed, see details for more information.";
    return context.json({ error: { code: "ResourceValidationFailed", message, details } }, 400);
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

function scopeBefore(path: string, provider: string): string {
  return path.slice(0, path.toLowerCase().lastIndexOf(provider));
}

function parse<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ArmError(400, "InvalidRequestContent", `${issue?.path.join(".")}: ${issue?.message}`);
}
