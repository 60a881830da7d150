import type { AzureEnvironment } from "../core/azure-environment.ts";
import { evaluatePolicy, type PolicyTarget } from "../services/policy/evaluate-policy.ts";
import { assignmentId, definitionId } from "../services/policy/policy-assignment.ts";
import { ArmError } from "./arm-error.ts";
import { normalizeLocation } from "./regions.ts";
import { readConditions } from "./subscription-conditions.ts";

/** Namespaces that are registered in every subscription. Source: "Azure resource providers and types". */
const alwaysRegistered = ["microsoft.authorization", "microsoft.resources"];

/** The name of the type of resource groups in Azure's operations and policies. */
const groupType = "Microsoft.Resources/subscriptions/resourceGroups";

/** The resource as policies read it: a resource group has another type name there than in this sandbox. */
export function policyTarget<Target extends PolicyTarget>(resource: Target): Target {
  return resource.type === "Microsoft.Resources/resourceGroups" ? { ...resource, type: groupType } : resource;
}

/** Whether a resource provider is registered in the subscription. */
export function isRegistered(namespace: string, azure: AzureEnvironment): boolean {
  const name = namespace.toLowerCase();
  if (alwaysRegistered.includes(name)) return true;
  return !readConditions(azure).unregisteredProviders.some((each) => each.toLowerCase() === name);
}

/**
 * The errors with which Azure refuses a resource for a reason that lies in the subscription: an unregistered provider, a
 * region that takes no new tenants, a policy. Resource groups are metadata, and every region takes them.
 * Sources: "Resolve errors for resource provider registration", "Resolve location ineligible errors", "Resolve errors
 * for request disallowed by policy" (azure-resource-manager/troubleshooting).
 */
export function subscriptionErrors(resource: PolicyTarget, azure: AzureEnvironment): ArmError[] {
  const { ineligibleRegions, policies } = readConditions(azure);
  const namespace = resource.type.split("/")[0] as string;
  const errors: ArmError[] = [];
  if (!isRegistered(namespace, azure)) {
    errors.push(
      new ArmError(
        409,
        "MissingSubscriptionRegistration",
        `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for ` +
          "how to register subscriptions.",
      ),
    );
  }
  const location = resource.location === undefined ? undefined : normalizeLocation(resource.location);
  const isGroup = policyTarget(resource).type === groupType;
  if (!isGroup && location !== undefined && ineligibleRegions.includes(location)) {
    errors.push(
      new ArmError(
        403,
        "RequestDisallowedByAzure",
        `Resource '${resource.name ?? ""}' was disallowed by Azure: The selected region is currently not accepting ` +
          "new customers: https://aka.ms/locationineligible.",
      ),
    );
  }
  for (const policy of policies) {
    if (!evaluatePolicy(policy, policyTarget(resource))) continue;
    const named = (id: string) => ({ name: policy.displayName, id });
    const identifiers = [
      {
        policyAssignment: named(assignmentId(azure.subscriptionId, policy)),
        policyDefinition: named(definitionId(azure.subscriptionId, policy)),
      },
    ];
    errors.push(
      new ArmError(
        403,
        "RequestDisallowedByPolicy",
        `Resource '${resource.name ?? ""}' was disallowed by policy. Policy identifiers: '${JSON.stringify(identifiers)}'.`,
      ),
    );
  }
  return errors;
}

/** @throws ArmError for the first reason in the subscription that refuses the resource. */
export function checkSubscriptionAllows(resource: PolicyTarget, azure: AzureEnvironment): void {
  const [first] = subscriptionErrors(resource, azure);
  if (first) throw first;
}
