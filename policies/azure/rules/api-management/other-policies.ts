import { type Element, parsePolicy } from "../../engine/policy-document.ts";
import type { DeclaredResource } from "../../engine/rule.ts";
import { unknownValue, valueAt } from "../../engine/value.ts";

/** Types of policies, other than ApiPolicy, that inherit the policies above them with <base />. */
const inheritingPolicies =
  /^azure-native:apimanagement:(WorkspaceApiPolicy|WorkspacePolicy|(Workspace)?(ApiOperationPolicy|ProductPolicy))$/;

/** Types of policies that inherit from no other policy. */
const rootPolicies =
  /^azure-native:apimanagement:(Policy|GraphQLApiResolverPolicy|(Workspace)?PolicyFragment)$/;

/** A policy other than ApiPolicy: its document, or why it cannot be read. */
type OtherPolicy = { isInheriting: boolean; document: Element } | { error: string };

/** Reads the document of a policy; undefined if the resource is no such policy or its document is not known yet. */
export function readOtherPolicy({ type, properties }: DeclaredResource): OtherPolicy | undefined {
  const isInheriting = inheritingPolicies.test(type);
  if (!isInheriting && !rootPolicies.test(type)) return undefined;
  const value = valueAt(properties, "value");
  if (value === unknownValue) return undefined;
  try {
    return { isInheriting, document: parsePolicy(String(value ?? "")) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
