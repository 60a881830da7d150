import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ServiceError } from "../azure-client.ts";
import {
  type Check,
  type CheckInputs,
  couldNotTell,
  type Finding,
  failed,
  listOf,
  passed,
} from "../check.ts";
import type { DeclaredResource } from "../declaration.ts";
import { worstOf } from "../worst-finding.ts";

const groupType = "Microsoft.Resources/subscriptions/resourceGroups";
/** Name of a resource group that a deployer makes for this check only. The program's own names must stay free. */
const regionCheckGroup = "rg-region-check";
const accountType = "Microsoft.Storage/storageAccounts";
const group = z.looseObject({ name: z.string() });

/**
 * Whether the regions take this tenant. West Europe takes no tenants that are new to it, and then refuses every resource
 * but resource groups with RequestDisallowedByAzure (azure-resource-manager/troubleshooting/error-region-access-policy).
 * No list in Azure says so.
 *
 * ARM's what-if, which creates nothing, runs Azure's own policies as a deployment does: users of bicep templates report
 * that it refuses the region, and Microsoft documents that it runs the preflight validation
 * (azure-resource-manager/bicep/deploy-preflight). It needs a resource group that exists. Without one, the preflight
 * validation of a single resource is asked (validateResources, which Terraform's providers azapi and azurerm call in a
 * plan). Its refusal is believed; its success is not, because nothing says that it runs Azure's own policies.
 */
export const regionCheck: Check = {
  id: "region",
  async run(inputs) {
    const located = inputs.declaration.resources.filter(
      ({ type, body }) => type !== groupType && body.location !== undefined && body.location !== "global",
    );
    const regions = [...new Set(located.map(({ body }) => body.location as string))].sort();
    const groupName = await findGroup(inputs);
    const findings = await Promise.all(
      regions.map((region) => checkRegion(region, located, groupName, inputs)),
    );
    return worstOf(findings, `${listOf(regions)} take resources of this tenant`);
  },
};

/** A group of the program where there is one, else any: what-if needs one and writes nothing into it. */
async function findGroup({ azure, declaration, subscriptionId, signal }: CheckInputs) {
  const path = `/subscriptions/${subscriptionId}/resourcegroups?api-version=2021-04-01`;
  const existing = (await azure.list(path, group, signal)).map(({ name }) => name);
  const own = declaration.resources.filter(({ type }) => type === groupType).map(({ name }) => name);
  return existing.find((name) => own.includes(name)) ?? existing[0];
}

async function checkRegion(
  region: string,
  located: DeclaredResource[],
  groupName: string | undefined,
  inputs: CheckInputs,
): Promise<Finding> {
  const account = located.find(({ type, body }) => type === accountType && body.location === region);
  if (!account)
    return couldNotTell(`the program declares no storage account in ${region} to ask with`, byHand);
  const { apiVersion, body } = account;
  const probe: Probe = {
    type: accountType,
    apiVersion,
    name: `pf${randomBytes(8).toString("hex")}`,
    location: region,
    kind: body.kind,
    sku: body.sku,
    tags: body.tags,
    properties: body.properties,
  };
  try {
    await (groupName ? askWhatIf(groupName, probe, inputs) : askPreflight(probe, inputs));
  } catch (error) {
    if (error instanceof ServiceError) return explainRefusal(region, error);
    throw error;
  }
  return groupName
    ? passed(`${region} takes resources of this tenant`)
    : couldNotTell(`nothing refuses ${region} so far`, byHand, [
        "Only what-if in a resource group can tell, and this subscription has no resource group.",
      ]);
}

interface Probe {
  type: string;
  apiVersion: string;
  name: string;
  location: string;
  [member: string]: unknown;
}

async function askWhatIf(groupName: string, probe: Probe, inputs: CheckInputs): Promise<void> {
  const { azure, subscriptionId, signal } = inputs;
  const deployment = `providers/Microsoft.Resources/deployments/preflight-${probe.location}`;
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${groupName}/${deployment}/whatIf?api-version=2021-04-01`;
  const template = {
    $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    contentVersion: "1.0.0.0",
    resources: [probe],
  };
  await azure.askAndWait(path, { properties: { mode: "Incremental", template } }, signal);
}

async function askPreflight({ type, ...resource }: Probe, inputs: CheckInputs): Promise<void> {
  const { azure, subscriptionId, signal } = inputs;
  const [provider = "", ...rest] = type.split("/");
  const question = {
    provider,
    type: rest.join("/"),
    location: resource.location,
    scope: `/subscriptions/${subscriptionId}/resourceGroups/${regionCheckGroup}`,
    resources: [resource],
  };
  const path = "/providers/Microsoft.Resources/validateResources?api-version=2020-10-01";
  await azure.ask(path, question, z.looseObject({}), signal);
}

function explainRefusal(region: string, error: ServiceError): Finding {
  if (error.codes.includes("RequestDisallowedByAzure")) {
    return failed(
      `${region} takes no resources of this tenant (RequestDisallowedByAzure)`,
      askMicrosoft(region),
    );
  }
  return couldNotTell(`what-if in ${region} ended with ${listOf([...new Set(error.codes)])}`, [
    "Follow the other lines of this report first, and run it again. Otherwise:",
    ...byHand,
  ]);
}

/** How to ask Microsoft for a region. Source: error-region-access-policy, as above. */
function askMicrosoft(region: string): string[] {
  return [
    `Ask Microsoft for access to ${region}: Azure portal > Help + support > Create a support request >`,
    '  Service and subscription limits (quotas) > quota type "Unable to access West Europe region".',
    "Accepted grounds: the tenant has resources in the region already, or data must stay in a country.",
    "Section 1 of docs/deploying.md describes it. Do not deploy before: Azure would refuse one resource after the other.",
  ];
}

/** How to give what-if a resource group. One is enough for all regions: a group is metadata. */
const byHand = [
  "Create an empty resource group, which is free, run this again, and delete the group:",
  `  az group create --name ${regionCheckGroup} --location norwayeast`,
  "  npm run preflight -- --stack STACK",
  `  az group delete --name ${regionCheckGroup}`,
];
