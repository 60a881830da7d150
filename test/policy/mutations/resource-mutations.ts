import type { EngineResource } from "../pack.ts";
import { type Mutation, mutate, setAt } from "./mutation.ts";

/** The inputs that are the name of a resource in Azure or in Entra ID. */
const nameInputs = [
  ...[
    "accountName",
    "resourceName",
    "serviceName",
    "workspaceName",
    "ruleName",
    "actionGroupName",
    "containerName",
  ],
  ...["tableName", "apiId", "operationId", "backendId", "policyId", "roleAssignmentName", "roleDefinitionId"],
  ...[
    "resourceGroupName",
    "blobServicesName",
    "managementPolicyName",
    "immutabilityPolicyName",
    "displayName",
  ],
];

/** The input that names the resource itself. The others name what it is in. */
const ownName: Record<string, string> = {
  BlobContainer: "containerName",
  Table: "tableName",
  Api: "apiId",
  ApiOperation: "operationId",
  ApiPolicy: "policyId",
  Backend: "backendId",
  BlobServiceProperties: "blobServicesName",
  ManagementPolicy: "managementPolicyName",
  BlobContainerImmutabilityPolicy: "immutabilityPolicyName",
  DiagnosticSetting: "name",
  ActionGroup: "actionGroupName",
  MetricAlert: "ruleName",
  ScheduledQueryRule: "ruleName",
};

const isProvided = ({ type }: EngineResource) =>
  type !== "pulumi:pulumi:Stack" && !type.startsWith("terminal-fleet:");

/** Each resource dropped, doubled, moved and renamed. */
export function mutateResources(fleet: EngineResource[]): Mutation[] {
  return fleet
    .filter(isProvided)
    .flatMap((resource) => [
      dropped(resource),
      ...doubled(resource),
      ...moved(resource),
      ...renamed(resource),
    ]);
}

function dropped(original: EngineResource): Mutation {
  return {
    kind: "dropped",
    type: original.type,
    resource: original.name,
    path: "",
    becomes: "",
    change: (resources) => resources.filter((each) => each !== original),
  };
}

/** A second resource: once with the same name in Azure, once with another one. */
function doubled(original: EngineResource): Mutation[] {
  const copies: [becomes: string, edit: (copy: EngineResource) => void][] = [
    ["with the same name in Azure", () => {}],
    [
      "with another name in Azure",
      (copy) => setAt(copy.properties, nameInputOf(original), otherName(original)),
    ],
  ];
  return copies.map(([becomes, edit]) => {
    const copy = structuredClone(original);
    copy.name = `${original.name}-copy`;
    copy.urn = `${original.urn}-copy`;
    edit(copy);
    return {
      kind: "doubled",
      type: original.type,
      resource: original.name,
      path: "",
      becomes,
      changed: copy,
      change: (resources) => [...resources, copy],
    };
  });
}

/** Another resource group, in the place of the one that it has. Regions are values: value-mutations.ts moves those. */
function moved(original: EngineResource): Mutation[] {
  const group = original.properties.resourceGroupName;
  if (typeof group !== "string" || /:ResourceGroup$/.test(original.type)) return [];
  const other = /flow/.test(group) ? group.replace("flow", "terminals") : group.replace("terminals", "flow");
  return [
    mutate(original, { kind: "moved", path: "", becomes: `to ${other}` }, (copy) => {
      copy.properties.resourceGroupName = other;
    }),
  ];
}

/** Another name in the program: Pulumi deletes the resource and creates it again. */
function renamed(original: EngineResource): Mutation[] {
  return [
    mutate(original, { kind: "renamed", path: "", becomes: "in the program" }, (copy) => {
      copy.name = `${original.name}2`;
      copy.urn = `${original.urn}2`;
    }),
  ];
}

const shortType = ({ type }: EngineResource) => type.split(":").at(-1)!;

const nameInputOf = (resource: EngineResource) =>
  ownName[shortType(resource)] ??
  nameInputs.find((name) => typeof resource.properties[name] === "string") ??
  "name";

const otherName = (resource: EngineResource): string => {
  const name = String(resource.properties[nameInputOf(resource)] ?? "");
  return /^[0-9a-f-]{36}$/.test(name)
    ? name.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))
    : `${name}2`;
};
