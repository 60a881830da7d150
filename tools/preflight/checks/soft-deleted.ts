import { quote } from "@terminal-fleet/cli/azure-access";
import { z } from "zod";
import { type Check, type CheckInputs, count, type Finding, failed, passed } from "../check.ts";
import { worstOf } from "../worst-finding.ts";

const deletedService = z.looseObject({
  name: z.string(),
  location: z.string(),
  properties: z.looseObject({ serviceId: z.string(), scheduledPurgeDate: z.string().nullish() }),
});
const deletedWorkspace = z.looseObject({ id: z.string(), name: z.string() });

const serviceType = "Microsoft.ApiManagement/service";
const workspaceType = "Microsoft.OperationalInsights/workspaces";

/**
 * Whether something deleted stands in the way. API Management reserves a deleted service's name for 48 hours
 * (api-management/soft-delete). Log Analytics keeps a deleted workspace for 14 days, and a new one with its name gets its
 * logs (REST reference, "Workspaces - Delete"). Both names end in the stack's random suffix, which a new deployment makes
 * anew, so a deleted one is in the way only when the stack itself still has this name.
 */
export const softDeletedCheck: Check = {
  id: "soft-deleted",
  async run(inputs) {
    const [services, workspaces] = await Promise.all([checkServices(inputs), checkWorkspaces(inputs)]);
    const leftovers = services.count + workspaces.count;
    return worstOf(
      [...services.findings, ...workspaces.findings],
      leftovers === 0
        ? "no deleted service or workspace is kept in this subscription"
        : `${count(leftovers, "deleted resource")} kept in this subscription, none with a name of this stack`,
    );
  },
};

interface Kept {
  count: number;
  findings: Finding[];
}

async function checkServices(inputs: CheckInputs): Promise<Kept> {
  const { azure, subscriptionId, signal } = inputs;
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ApiManagement/deletedservices?api-version=2024-05-01`;
  const kept = await azure.list(path, deletedService, signal);
  const findings = kept.map(({ name, location, properties }) =>
    isDeclared(serviceType, name, inputs)
      ? failed(
          `the API Management service ${name} is deleted, and its name reserved until ${properties.scheduledPurgeDate ?? "its purge"}`,
          [
            "Purge it. It cannot be restored afterwards:",
            `  az apim deletedservice purge --service-name ${quote(name, "NAME")} --location ${quote(location, "REGION")}`,
          ],
        )
      : passed(`${name} is of another stack`),
  );
  return { count: kept.length, findings };
}

async function checkWorkspaces(inputs: CheckInputs): Promise<Kept> {
  const { azure, subscriptionId, signal } = inputs;
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.OperationalInsights/deletedWorkspaces?api-version=2023-09-01`;
  const kept = await azure.list(path, deletedWorkspace, signal);
  const findings = kept.map(({ id, name }) => {
    if (!isDeclared(workspaceType, name, inputs)) return passed(`${name} is of another stack`);
    const group = /\/resourcegroups\/([^/]+)/i.exec(id)?.[1] ?? "";
    const where = `--resource-group ${quote(group, "GROUP")} --workspace-name ${quote(name, "NAME")}`;
    return failed(
      `the Log Analytics workspace ${name} is deleted, and a new one with its name would get its logs`,
      [
        "Recover it, and delete it for good:",
        `  az monitor log-analytics workspace recover ${where}`,
        `  az monitor log-analytics workspace delete ${where} --force true`,
      ],
    );
  });
  return { count: kept.length, findings };
}

/** Whether the program or the stack's state has a resource with this name. */
function isDeclared(type: string, name: string, { declaration, state }: CheckInputs): boolean {
  const wanted = name.toLowerCase();
  const declared = declaration.resources.some(
    (resource) => resource.type === type && resource.name?.toLowerCase() === wanted,
  );
  const suffix = `/${type}/${name}`.toLowerCase();
  return declared || (state.kind === "deployed" && [...state.ids].some((id) => id.endsWith(suffix)));
}
