import { z } from "zod";
import { ServiceError } from "../azure-client.ts";
import { type Check, type CheckInputs, couldNotTell, count, type Finding, failed, passed } from "../check.ts";
import type { DeclaredResource } from "../declaration.ts";
import { worstOf } from "../worst-finding.ts";

const groupType = "Microsoft.Resources/subscriptions/resourceGroups";
const availability = z.looseObject({ nameAvailable: z.boolean(), message: z.string().nullish() });
const existingGroup = z.looseObject({ id: z.string() });

/** Types with names that are unique in all of Azure, and their check. */
const uniqueTypes: Record<string, { path: string; question(name: string): object }> = {
  "Microsoft.Storage/storageAccounts": {
    path: "Microsoft.Storage/checkNameAvailability?api-version=2024-01-01",
    question: (name) => ({ name, type: "Microsoft.Storage/storageAccounts" }),
  },
  "Microsoft.Devices/IotHubs": {
    path: "Microsoft.Devices/checkNameAvailability?api-version=2023-06-30",
    question: (name) => ({ name }),
  },
  "Microsoft.ApiManagement/service": {
    path: "Microsoft.ApiManagement/checkNameAvailability?api-version=2024-05-01",
    question: (name) => ({ name }),
  },
};

/**
 * Whether the declared names are free, or belong to the stack. Resource groups have fixed names: Pulumi does not take one
 * over that it has not created. Names that are unique in Azure or in the tenant end in a suffix of six random characters,
 * which is made with the deployment, so a collision is practically excluded and cannot be looked up before.
 * Sources: REST reference, "Resource Groups - Get", and "Check Name Availability" of the three providers.
 */
export const nameCheck: Check = {
  id: "names",
  async run(inputs) {
    const { resources } = inputs.declaration;
    const groups = resources.filter(({ type, name }) => type === groupType && name !== undefined);
    const unique = resources.filter(({ type }) => uniqueTypes[type] !== undefined);
    const named = unique.filter(({ name }) => name !== undefined);
    const findings = await Promise.all([
      ...groups.map((group) => checkGroup(group.name as string, inputs)),
      ...named.map((resource) => checkUnique(resource, inputs)),
    ]);
    const random = unique.length - named.length;
    return worstOf(
      findings,
      `${count(findings.length, "fixed name")} free or the stack's own; ${count(random, "name")} will end in a random suffix`,
    );
  },
};

async function checkGroup(name: string, inputs: CheckInputs): Promise<Finding> {
  const { azure, state, subscriptionId, signal } = inputs;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  try {
    await azure.get(`${id}?api-version=2021-04-01`, existingGroup, signal);
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ResourceGroupNotFound")
      return passed(`${name} is free`);
    throw error;
  }
  if (state.kind === "deployed" && state.ids.has(id.toLowerCase())) return passed(`${name} is the stack's`);
  if (state.kind === "unreadable") {
    return couldNotTell(
      `the resource group ${name} exists, and the stack's state cannot be read: ${state.reason}`,
      ["Log in to the backend of the stack's state, and run this again:", "  npm run pulumi -- login"],
    );
  }
  return failed(`the resource group ${name} exists, and the stack has not created it`, [
    "If another backend holds this stack's state, log in to that one. If it is the leftover of a failed deployment, look into it and delete it:",
    `  az resource list --resource-group ${name} --output table`,
    `  az group delete --name ${name}`,
  ]);
}

async function checkUnique({ type, name = "" }: DeclaredResource, inputs: CheckInputs): Promise<Finding> {
  const { azure, state, subscriptionId, signal } = inputs;
  const { path, question } = uniqueTypes[type]!;
  const isOwn = (id: string) => id.endsWith(`/${type}/${name}`.toLowerCase());
  if (state.kind === "deployed" && [...state.ids].some(isOwn)) return passed(`${name} is the stack's`);
  const url = `/subscriptions/${subscriptionId}/providers/${path}`;
  const { nameAvailable, message } = await azure.ask(url, question(name), availability, signal);
  if (nameAvailable) return passed(`${name} is free`);
  return failed(
    `the name ${name} of ${type} is taken${message ? ` (${message})` : ""}`,
    "Choose another name in components/names.ts, or delete the resource that has it.",
  );
}
