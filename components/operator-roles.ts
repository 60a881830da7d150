import type * as pulumi from "@pulumi/pulumi";
import { builtInRoles } from "./built-in-roles.ts";
import { auditRole, defineRole, flowKeysRole, importRole } from "./custom-roles.ts";
import { assignRole } from "./roles.ts";

/** Arguments of {@link assignOperatorRoles}. */
export interface OperatorRolesArgs {
  /** Name of the custom role for subscription keys: 1 to 128 characters, unique in the tenant. */
  flowKeysRoleName: pulumi.Input<string>;
  /** Name of the custom role for the audit log: 1 to 128 characters, unique in the tenant. */
  auditRoleName: pulumi.Input<string>;
  /** Name of the custom role for import jobs: 1 to 128 characters, unique in the tenant. */
  importRoleName: pulumi.Input<string>;
  /** Subscription of the stack: role definitions are looked up in it. */
  subscriptionId: pulumi.Input<string>;
  /** Resource ID of the gateway's resource group: Azure accepts no narrower scope for a custom role. */
  flowResourceGroupId: pulumi.Input<string>;
  /** Resource ID of the resource group of the IoT Hub and the audit log, for the same reason. */
  terminalsResourceGroupId: pulumi.Input<string>;
  /** Resource ID of the IoT Hub. */
  hubId: pulumi.Input<string>;
  /** Resource ID of the storage account of the files. */
  filesAccountId: pulumi.Input<string>;
  /** Resource ID of the storage account of the import jobs. */
  importsAccountId: pulumi.Input<string>;
  /** Resource ID of the container of the audit log. */
  auditContainerId: pulumi.Input<string>;
  /** Resource ID of the key table. */
  keyTableId: pulumi.Input<string>;
  /** Resource ID of the API Management service. */
  flowServiceId: pulumi.Input<string>;
}

/** A role that the group gets on one resource. */
interface Grant {
  /** Part of the resource name. */
  key: string;
  scope: pulumi.Input<string>;
  role: pulumi.Input<string>;
  description: string;
  /** The definition of the role; undefined for a built-in role. */
  definition?: pulumi.Resource;
}

/**
 * Declares the custom roles, and assigns to the operators' group the roles that their work needs, each on one resource.
 * @param name Name of the component, which starts the resource names.
 * @param principalId Object ID of the group.
 */
export function assignOperatorRoles(
  name: string,
  principalId: pulumi.Input<string>,
  args: OperatorRolesArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const grants = operatorGrants(name, args, opts);
  const assign = ({ key, scope, role, description }: Grant, dependsOn: pulumi.Resource[]) =>
    assignRole(
      `${name}-${key}`,
      { scope, role, principalId, principalType: "Group", subscriptionId: args.subscriptionId, description },
      { ...opts, dependsOn },
    );
  // Azure does not know a new custom role everywhere at once, and azure-native does not retry the refusal
  // (RoleDefinitionDoesNotExist, terraform-provider-azurerm issue 19916). So the assignments of the built-in roles come
  // between the definitions and their assignments. A destroy has the reverse order, against RoleDefinitionHasAssignments.
  const definitions = grants.flatMap(({ definition }) => definition ?? []);
  const builtIn = grants.filter(({ definition }) => !definition).map((grant) => assign(grant, definitions));
  for (const grant of grants.filter(({ definition }) => definition)) assign(grant, builtIn);
}

/** The roles of the operators, with the custom roles declared. */
function operatorGrants(name: string, args: OperatorRolesArgs, opts: pulumi.CustomResourceOptions): Grant[] {
  const inFlowGroup = { resourceGroupId: args.flowResourceGroupId };
  const inTerminalsGroup = { resourceGroupId: args.terminalsResourceGroupId };
  const flowKeys = defineRole(name, { ...flowKeysRole, ...inFlowGroup, name: args.flowKeysRoleName }, opts);
  const audit = defineRole(name, { ...auditRole, ...inTerminalsGroup, name: args.auditRoleName }, opts);
  const imports = defineRole(name, { ...importRole, ...inTerminalsGroup, name: args.importRoleName }, opts);
  return [
    {
      key: "hub-registry",
      scope: args.hubId,
      role: builtInRoles["IoT Hub Registry Contributor"],
      description: "Makes, changes and deletes the terminals' identities.",
    },
    {
      key: "hub-twins",
      scope: args.hubId,
      role: builtInRoles["IoT Hub Twin Contributor"],
      description: "Tags terminals with customer and site, and tells them of files.",
    },
    {
      key: "hub-reader",
      scope: args.hubId,
      role: builtInRoles.Reader,
      description: "Reads tier and units, which set the pace of onboarding.",
    },
    {
      key: "file-keys",
      scope: args.filesAccountId,
      role: builtInRoles["Storage Account Key Operator Service Role"],
      description: "Lists and renews the keys that sign the files' access.",
    },
    {
      key: "import-keys",
      scope: args.importsAccountId,
      role: builtInRoles["Storage Account Key Operator Service Role"],
      description: "Lists and renews the keys that sign the import jobs' access.",
    },
    {
      key: "flow-rows",
      scope: args.keyTableId,
      role: builtInRoles["Storage Table Data Contributor"],
      description: "Writes the hashes and states of the terminals' Flow keys.",
    },
    {
      key: "flow-keys",
      scope: args.flowServiceId,
      role: flowKeys.name,
      definition: flowKeys,
      description: "Handles the customers' subscriptions of the Flow API.",
    },
    {
      key: "hub-imports",
      scope: args.hubId,
      role: imports.name,
      definition: imports,
      description: "Imports large batches of terminals by the hub's own jobs.",
    },
    {
      key: "audit",
      scope: args.auditContainerId,
      role: audit.name,
      definition: audit,
      description: "Records every change in the audit log.",
    },
  ];
}
