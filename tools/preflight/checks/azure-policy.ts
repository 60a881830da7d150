import pMap from "p-map";
import { z } from "zod";
import { type Check, type CheckInputs, couldNotTell, count, failed, passed } from "../check.ts";
import type { DeclaredResource } from "../declaration.ts";

const evaluation = z.looseObject({
  policyInfo: z.looseObject({
    policyAssignmentId: z.string().nullish(),
    policyDefinitionId: z.string().nullish(),
  }),
  evaluationResult: z.string().nullish(),
  evaluationDetails: z
    .looseObject({
      evaluatedExpressions: z
        .array(
          z.looseObject({
            path: z.string().nullish(),
            expression: z.string().nullish(),
            expressionValue: z.unknown().optional(),
            result: z.string().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
  effectDetails: z.looseObject({ policyEffect: z.string().nullish() }).nullish(),
});

const restrictions = z.looseObject({
  contentEvaluationResult: z.looseObject({ policyEvaluations: z.array(evaluation).nullish() }).nullish(),
});

const assignment = z.looseObject({ properties: z.looseObject({ displayName: z.string().nullish() }) });

type Evaluation = z.infer<typeof evaluation>;

interface Denial {
  label: string;
  evaluation: Evaluation;
}

const groupType = "Microsoft.Resources/subscriptions/resourceGroups";

/**
 * Azure Policy's own verdict on each declared resource, at the subscription. It judges the values that a preview knows:
 * names with a suffix and IDs are not among them. A policy that is assigned to a resource group which does not exist yet
 * does not exist either. Policies with the effect audit are left out by default.
 * Source: REST reference, Policy Insights, "Policy Restrictions - Check At Subscription Scope", 2024-10-01.
 */
export const azurePolicyCheck: Check = {
  id: "azure-policy",
  async run(inputs) {
    const { resources, unknownTypes } = inputs.declaration;
    const evaluations = await pMap(resources, (resource) => evaluate(resource, inputs), {
      concurrency: 8,
      signal: inputs.signal,
    });
    const all = evaluations.flat();
    const isDenial = ({ evaluation: { evaluationResult, effectDetails } }: Denial) =>
      evaluationResult === "NonCompliant" && /^deny$/i.test(effectDetails?.policyEffect ?? "deny");
    const denials = all.filter(isDenial);
    if (denials.length > 0) {
      const details = await Promise.all(denials.map((denial) => describe(denial, inputs)));
      return failed(
        `Azure Policy denies ${count(new Set(denials.map(({ label }) => label)).size, "declared resource")}`,
        "Ask the owner of each policy for an exemption of the resource groups, or choose another value in the stack's settings.",
        details,
      );
    }
    const unclear = all.filter(({ evaluation }) => evaluation.evaluationResult !== "NonCompliant");
    if (unclear.length > 0 || unknownTypes.length > 0) {
      return couldNotTell(
        `Azure Policy's verdict is missing on ${count(unclear.length + unknownTypes.length, "item")}`,
        "Look at the subscription's assignments with the effect deny in the portal: Policy > Assignments.",
        [...unclear.map(({ label }) => label), ...unknownTypes],
      );
    }
    return passed(`Azure Policy denies none of ${count(resources.length, "declared resource")}`);
  },
};

async function evaluate(
  { label, type, apiVersion, name, body }: DeclaredResource,
  { azure, subscriptionId, signal }: CheckInputs,
): Promise<Denial[]> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01`;
  const content = type === groupType ? { ...body, properties: undefined } : body;
  const question = { resourceDetails: { resourceContent: { type, name, ...content }, apiVersion } };
  const { contentEvaluationResult } = await azure.ask(path, question, restrictions, signal);
  return (contentEvaluationResult?.policyEvaluations ?? []).map((evaluation) => ({ label, evaluation }));
}

/** "files-account: denied by "Storage accounts must …": minimumTlsVersion is TLS1_2". */
async function describe({ label, evaluation }: Denial, inputs: CheckInputs): Promise<string> {
  const { policyInfo, evaluationDetails } = evaluation;
  const fields = (evaluationDetails?.evaluatedExpressions ?? [])
    .filter(({ path, expression }) => (path ?? expression) !== "type")
    .map(
      ({ path, expression, expressionValue }) =>
        `${path ?? expression} is ${JSON.stringify(expressionValue) ?? "not set"}`,
    );
  const because = fields.length > 0 ? `: ${fields.join(", ")}` : "";
  return `${label} is denied by "${await nameOf(policyInfo.policyAssignmentId, inputs)}"${because}`;
}

/** Display name of an assignment; its ID where it cannot be read, as that of a management group. */
async function nameOf(id: string | null | undefined, { azure, signal }: CheckInputs): Promise<string> {
  if (!id) return "an assignment without a name";
  try {
    const { properties } = await azure.get(`${id}?api-version=2023-04-01`, assignment, signal);
    return properties.displayName ?? id;
  } catch {
    return id;
  }
}
