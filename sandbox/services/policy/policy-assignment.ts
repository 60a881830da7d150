import { z } from "zod";

const text = z.union([z.string(), z.boolean(), z.number()]);

/**
 * A condition of a policy rule: the part of Azure Policy's language that the sandbox runs.
 * Source: Azure documentation, "Azure Policy definition structure policy rule".
 */
export type PolicyCondition =
  | { allOf: PolicyCondition[] }
  | { anyOf: PolicyCondition[] }
  | { not: PolicyCondition }
  | FieldCondition;

/** Compares one field of the resource. */
export interface FieldCondition {
  /** type, name, location, kind, `tags.NAME`, `tags['NAME']`, or an alias such as Microsoft.Storage/storageAccounts/minimumTlsVersion. */
  field: string;
  equals?: string | boolean | number;
  notEquals?: string | boolean | number;
  in?: (string | boolean | number)[];
  notIn?: (string | boolean | number)[];
  exists?: boolean;
}

const fieldCondition = z
  .strictObject({
    field: z.string().min(1),
    equals: text.optional(),
    notEquals: text.optional(),
    in: z.array(text).optional(),
    notIn: z.array(text).optional(),
    exists: z.boolean().optional(),
  })
  .refine((condition) => Object.keys(condition).length === 2, "must have a field and one comparison");

const policyCondition: z.ZodType<PolicyCondition> = z.lazy(() =>
  z.union([
    z.strictObject({ allOf: z.array(policyCondition) }),
    z.strictObject({ anyOf: z.array(policyCondition) }),
    z.strictObject({ not: policyCondition }),
    fieldCondition,
  ]),
);

/** An assigned policy with the effect deny. */
export const policyAssignment = z.strictObject({
  /** Name of the assignment, the last part of its ID. */
  name: z.string().min(1),
  displayName: z.string().min(1),
  /** Denies each resource that fulfils the condition. */
  if: policyCondition,
});

export type PolicyAssignment = z.infer<typeof policyAssignment>;

/** Resource ID of an assignment. All assignments of the sandbox are at the subscription. */
export function assignmentId(subscriptionId: string, { name }: PolicyAssignment): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

/** Resource ID of the definition of an assignment. */
export function definitionId(subscriptionId: string, { name }: PolicyAssignment): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/policyDefinitions/${name}`;
}
