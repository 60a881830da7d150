import { z } from "zod";
import {
  type Check,
  type CheckInputs,
  couldNotTell,
  count,
  type Finding,
  failed,
  listOf,
  passed,
} from "../check.ts";
import { worstOf } from "../worst-finding.ts";

const provider = z.looseObject({ namespace: z.string(), registrationState: z.string() });

/** Registered in every subscription. Source: "Azure resource providers and types". */
const alwaysRegistered = ["microsoft.authorization", "microsoft.resources"];

/**
 * Whether the resource providers of the declared types are registered. Pulumi does not register them, and Azure refuses
 * their resources with MissingSubscriptionRegistration. Contributor and Owner can register
 * (azure-resource-manager/management/resource-providers-and-types). Source: REST reference, "Providers - Get".
 */
export const resourceProviderCheck: Check = {
  id: "resource-providers",
  async run(inputs) {
    const namespaces = inputs.declaration.resources.map(({ type }) => type.split("/")[0] as string);
    const asked = [...new Set(namespaces)]
      .filter((namespace) => !alwaysRegistered.includes(namespace.toLowerCase()))
      .sort();
    const findings = await Promise.all(asked.map((namespace) => checkProvider(namespace, inputs)));
    return worstOf(findings, `${count(asked.length, "resource provider")} registered: ${listOf(asked)}`);
  },
};

async function checkProvider(
  namespace: string,
  { azure, subscriptionId, signal }: CheckInputs,
): Promise<Finding> {
  const path = `/subscriptions/${subscriptionId}/providers/${namespace}?api-version=2021-04-01`;
  const { registrationState } = await azure.get(path, provider, signal);
  if (registrationState === "Registered") return passed(`${namespace} is registered`);
  const reason = `${namespace} is in the state ${registrationState}`;
  const remedy = [
    "Register it, with the role Contributor or Owner on the subscription, and wait for it:",
    `  az provider register --namespace ${namespace} --wait`,
  ];
  return registrationState === "Registering" ? couldNotTell(reason, remedy) : failed(reason, remedy);
}
