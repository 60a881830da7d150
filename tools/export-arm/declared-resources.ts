import { type ArmResource, toArmResource } from "@terminal-fleet/sandbox/in-process";
import { findStableValues, replaceValues } from "./stable-values.ts";
import {
  isAzureResource,
  isSecret,
  logicalName,
  type StackState,
  type StateResource,
} from "./stack-state.ts";

/** A resource of the program, as Azure Resource Manager would get it. */
export interface DeclaredResource extends ArmResource {
  urn: string;
  /** Its name in the program. */
  logicalName: string;
  /** Type token of azure-native. */
  token: string;
  /** IDs of the declared resources on which it depends. */
  dependsOn: string[];
}

/** The resources of a stack, and the names of the secret values that a deployment would have to supply. */
export interface DeclaredResources {
  subscriptionId: string;
  resources: DeclaredResource[];
  /** Names of the template's parameters, each for one secret value. */
  secretParameters: string[];
}

/**
 * Reads the declared resources from the state of a stack: what the program declares, without what Azure adds. A secret
 * becomes a parameter of the template. Values that are random become stable ones.
 * @param environment.subscriptionId, environment.tenantId Identifiers in the state that belong to the sandbox.
 */
export function readDeclaredResources(
  state: StackState,
  environment: { subscriptionId: string; tenantId: string },
): DeclaredResources {
  const stable = findStableValues(state, environment);
  const secretParameters: string[] = [];
  const declared = (state.deployment.resources ?? []).filter(isAzureResource);
  const idByUrn = new Map<string, string>();
  const resources = declared.map((resource) => {
    const name = logicalName(resource.urn);
    const withoutSecrets = replaceSecrets(resource.inputs ?? {}, name, secretParameters);
    const arm = toArmResource(resource.type, withoutSecrets as object, environment.subscriptionId);
    const stableArm = replaceValues(arm, stable);
    idByUrn.set(resource.urn, stableArm.id);
    return {
      ...stableArm,
      urn: resource.urn,
      logicalName: name,
      token: resource.type,
      dependsOn: [] as string[],
    };
  });
  for (const [index, resource] of declared.entries()) {
    resources[index]!.dependsOn = dependencies(resource)
      .flatMap((urn) => idByUrn.get(urn) ?? [])
      .sort();
  }
  return {
    subscriptionId: stable.get(environment.subscriptionId)!,
    resources: resources.toSorted((one, other) => compare(one.id, other.id)),
    secretParameters: secretParameters.toSorted(),
  };
}

const dependencies = ({ dependencies: urns = [] }: StateResource): string[] => [...new Set(urns)];

/** The expression of a template for the value of a parameter. */
export const parameterReference = (parameter: string): string => `[parameters('${parameter}')]`;

/** In the order of the characters' codes, which does not depend on the language of the computer. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Replaces each secret below a value by a reference to a parameter of the template. */
function replaceSecrets(value: unknown, path: string, parameters: string[]): unknown {
  if (isSecret(value)) {
    const parameter = path.replaceAll(/[^A-Za-z0-9]+/g, "_");
    parameters.push(parameter);
    return parameterReference(parameter);
  }
  if (Array.isArray(value))
    return value.map((each, index) => replaceSecrets(each, `${path}.${index}`, parameters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, replaceSecrets(each, `${path}.${key}`, parameters)]),
  );
}
