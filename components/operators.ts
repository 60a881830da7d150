import { RoleDefinition } from "@pulumi/azure-native/authorization/roleDefinition.js";
import { Application } from "@pulumi/azuread/application.js";
import { ApplicationFederatedIdentityCredential } from "@pulumi/azuread/applicationFederatedIdentityCredential.js";
import { Group } from "@pulumi/azuread/group.js";
import { GroupMember } from "@pulumi/azuread/groupMember.js";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal.js";
import * as pulumi from "@pulumi/pulumi";
import { builtInRoles } from "./built-in-roles.ts";
import { assignRole, stableGuid } from "./roles.ts";

/** A pipeline that may sign in as the operators' application with a token of its own, and without a secret. */
export interface CiFederation {
  /** Name of the credential. */
  name: string;
  /** Who signs the pipeline's tokens, for example https://token.actions.githubusercontent.com */
  issuer: string;
  /** The pipeline, as the token's subject names it. */
  subject: string;
}

/** Arguments of {@link Operators}. */
export interface OperatorsArgs {
  /** Display name of the group for people. Who is in it is decided in Entra ID, not here. */
  groupName: string;
  /** Display name of the application for pipelines. */
  applicationName: pulumi.Input<string>;
  ciFederations: CiFederation[];
  /** Names of the custom roles; unique in the tenant. */
  flowKeysRoleName: pulumi.Input<string>;
  auditRoleName: pulumi.Input<string>;
  importRoleName: pulumi.Input<string>;
  subscriptionId: pulumi.Input<string>;
  /** Resource ID of the group that the gateway is in: the narrowest place at which Azure takes a custom role. */
  flowResourceGroupId: pulumi.Input<string>;
  /** Resource ID of the group that the hub and the audit log are in, likewise. */
  terminalsResourceGroupId: pulumi.Input<string>;
  hubId: pulumi.Input<string>;
  filesAccountId: pulumi.Input<string>;
  importsAccountId: pulumi.Input<string>;
  auditContainerId: pulumi.Input<string>;
  keyTableId: pulumi.Input<string>;
  flowServiceId: pulumi.Input<string>;
}

/** A role of the stack's own, where the built-in ones allow more than the work takes. */
interface CustomRole {
  name: pulumi.Input<string>;
  description: string;
  resourceGroupId: pulumi.Input<string>;
  actions?: string[];
  dataActions?: string[];
}

const apim = "Microsoft.ApiManagement/service";

/** What handling the customers' Flow keys takes. No built-in role has less than the whole service. */
const flowKeysActions = [
  `${apim}/read`,
  `${apim}/apis/read`,
  `${apim}/subscriptions/read`,
  `${apim}/subscriptions/write`,
  `${apim}/subscriptions/delete`,
  `${apim}/subscriptions/listSecrets/action`,
  `${apim}/subscriptions/regeneratePrimaryKey/action`,
  `${apim}/subscriptions/regenerateSecondaryKey/action`,
];

const auditBlobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/** What recording takes: reading, and adding to what is there; changing and deleting are not in it. */
const auditDataActions = [`${auditBlobs}/read`, `${auditBlobs}/add/action`];

const hubJobs = "Microsoft.Devices/IotHubs/jobs";

/** What the hub's import jobs take beside the registry's rights. The built-in role that has it has all of the hub. */
const importDataActions = [`${hubJobs}/read`, `${hubJobs}/write`];

/** Who operates the fleet: a group for people, an application for pipelines, and the least roles for the work. */
export class Operators extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  /** Client ID with which a pipeline signs in. */
  readonly applicationClientId: pulumi.Output<string>;

  constructor(name: string, args: OperatorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Operators", name, {}, opts);
    const parent = { parent: this };
    // What is given away can be given again; the group's members and the client ID cannot.
    const replaceable = { parent: this, protect: false };

    const group = new Group(
      `${name}-group`,
      {
        displayName: args.groupName,
        description: "People and pipelines that onboard, revoke and serve terminals.",
        securityEnabled: true,
        preventDuplicateNames: true,
      },
      parent,
    );
    const application = new Application(
      `${name}-application`,
      {
        displayName: args.applicationName,
        description: "Pipelines that onboard, revoke and serve terminals.",
        signInAudience: "AzureADMyOrg",
        preventDuplicateNames: true,
      },
      parent,
    );
    for (const federation of args.ciFederations) {
      new ApplicationFederatedIdentityCredential(
        `${name}-ci-${federation.name}`,
        {
          applicationId: application.id,
          displayName: federation.name,
          issuer: federation.issuer,
          subject: federation.subject,
          audiences: ["api://AzureADTokenExchange"],
        },
        replaceable,
      );
    }
    const servicePrincipal = new ServicePrincipal(
      `${name}-service-principal`,
      { clientId: application.clientId },
      parent,
    );
    // The application works as a member of the group, so each role is given once and to both.
    new GroupMember(
      `${name}-application-member`,
      { groupObjectId: group.objectId, memberObjectId: servicePrincipal.objectId },
      replaceable,
    );

    const defineRole = (key: string, purpose: string, role: CustomRole) =>
      new RoleDefinition(
        `${name}-${key}-role`,
        {
          scope: role.resourceGroupId,
          assignableScopes: [role.resourceGroupId],
          roleDefinitionId: pulumi
            .output(role.resourceGroupId)
            .apply((scope) => stableGuid(scope, `terminal-fleet ${purpose}`)),
          roleName: role.name,
          roleType: "CustomRole",
          description: role.description,
          permissions: [
            {
              actions: role.actions ?? [],
              notActions: [],
              dataActions: role.dataActions ?? [],
              notDataActions: [],
            },
          ],
        },
        replaceable,
      );
    const flowKeysRole = defineRole("flow-keys", "flow keys", {
      name: args.flowKeysRoleName,
      description: "Makes, reads, renews and deletes the customers' subscriptions of the Flow API.",
      resourceGroupId: args.flowResourceGroupId,
      actions: flowKeysActions,
    });
    const auditRole = defineRole("audit", "audit", {
      name: args.auditRoleName,
      description: "Reads the audit log and adds to it; changes and deletes nothing of it.",
      resourceGroupId: args.terminalsResourceGroupId,
      dataActions: auditDataActions,
    });
    const importRole = defineRole("import", "import", {
      name: args.importRoleName,
      description: "Starts the hub's import jobs and looks at them.",
      resourceGroupId: args.terminalsResourceGroupId,
      dataActions: importDataActions,
    });

    const grant = (
      key: string,
      scope: pulumi.Input<string>,
      role: pulumi.Input<string>,
      description: string,
    ) =>
      assignRole(
        `${name}-${key}`,
        {
          scope,
          role,
          principalId: group.objectId,
          principalType: "Group",
          subscriptionId: args.subscriptionId,
          description,
        },
        replaceable,
      );
    grant(
      "hub-registry",
      args.hubId,
      builtInRoles["IoT Hub Registry Contributor"],
      "Makes, changes and deletes the terminals' identities.",
    );
    grant(
      "hub-twins",
      args.hubId,
      builtInRoles["IoT Hub Twin Contributor"],
      "Tags terminals with customer and site, and tells them of files.",
    );
    grant(
      "hub-reader",
      args.hubId,
      builtInRoles.Reader,
      "Reads tier and units, which set the pace of onboarding.",
    );
    grant(
      "file-keys",
      args.filesAccountId,
      builtInRoles["Storage Account Key Operator Service Role"],
      "Lists and renews the keys that sign the files' access.",
    );
    grant(
      "import-keys",
      args.importsAccountId,
      builtInRoles["Storage Account Key Operator Service Role"],
      "Lists and renews the keys that sign the import jobs' access.",
    );
    grant(
      "flow-rows",
      args.keyTableId,
      builtInRoles["Storage Table Data Contributor"],
      "Writes the hashes and states of the terminals' Flow keys.",
    );
    grant(
      "flow-keys",
      args.flowServiceId,
      flowKeysRole.name,
      "Handles the customers' subscriptions of the Flow API.",
    );

    grant(
      "hub-imports",
      args.hubId,
      importRole.name,
      "Imports large batches of terminals by the hub's own jobs.",
    );
    grant("audit", args.auditContainerId, auditRole.name, "Records every change in the audit log.");

    this.groupName = group.displayName;
    this.applicationClientId = application.clientId;
    this.registerOutputs({ groupName: this.groupName, applicationClientId: this.applicationClientId });
  }
}
