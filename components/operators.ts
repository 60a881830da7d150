import { Application } from "@pulumi/azuread/application.js";
import { ApplicationFederatedIdentityCredential } from "@pulumi/azuread/applicationFederatedIdentityCredential.js";
import { Group } from "@pulumi/azuread/group.js";
import { GroupMember } from "@pulumi/azuread/groupMember.js";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal.js";
import * as pulumi from "@pulumi/pulumi";
import { assignOperatorRoles, type OperatorRolesArgs } from "./operator-roles.ts";

/** A pipeline that may sign in as the operators' application with its own token, without a secret. */
export interface CiFederation {
  /** Name of the credential: 3 to 120 letters, digits, - or _. */
  name: string;
  /**
   * Issuer of the pipeline's tokens, exactly as in the tokens: at most 600 characters.
   * @example "https://token.actions.githubusercontent.com"
   */
  issuer: string;
  /**
   * Subject claim of the pipeline's tokens: at most 600 characters.
   * @example "repo:example-org/terminal-fleet:environment:dev"
   */
  subject: string;
}

/** Arguments of {@link Operators}. */
export interface OperatorsArgs extends OperatorRolesArgs {
  /** Display name of the group of the operators: 1 to 120 characters. Entra ID manages the members, not this program. */
  groupName: string;
  /** Display name of the pipelines' application: 1 to 120 characters, unique in the tenant. */
  applicationName: pulumi.Input<string>;
  /** Pipelines that may sign in as the application: at most 20. */
  ciFederations: CiFederation[];
}

/**
 * The operators of the fleet: a group of people, an application for pipelines in it, and the roles that their work
 * needs, each on one resource.
 *
 * @example
 * new Operators("operators", {
 *   groupName: "Terminal fleet operators (dev)",
 *   applicationName: "app-terminal-operators-dev-abc123",
 *   ciFederations: [],
 *   flowKeysRoleName: "role-flow-keys-operator-dev-abc123",
 *   auditRoleName: "role-audit-recorder-dev-abc123",
 *   importRoleName: "role-terminal-importer-dev-abc123",
 *   subscriptionId: getClientConfigOutput().subscriptionId,
 *   flowResourceGroupId: flow.id,
 *   terminalsResourceGroupId: terminals.id,
 *   hubId: hub.hubId,
 *   filesAccountId: files.accountId,
 *   importsAccountId: imports.accountId,
 *   auditContainerId: audit.containerId,
 *   keyTableId: keyTable.tableId,
 *   flowServiceId: ingress.serviceId,
 * });
 */
export class Operators extends pulumi.ComponentResource {
  /** Display name of the group. */
  readonly groupName: pulumi.Output<string>;
  /** Client ID with which a pipeline signs in. */
  readonly applicationClientId: pulumi.Output<string>;

  constructor(name: string, args: OperatorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Operators", name, {}, opts);
    const parent = { parent: this };
    // Roles and credentials can be recreated. The group's members and the client ID cannot.
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
    const application = pipelineApplication(name, args, parent, replaceable);
    const servicePrincipal = new ServicePrincipal(
      `${name}-service-principal`,
      { clientId: application.clientId },
      parent,
    );
    // As a member of the group, the application has the group's roles.
    new GroupMember(
      `${name}-application-member`,
      { groupObjectId: group.objectId, memberObjectId: servicePrincipal.objectId },
      replaceable,
    );
    assignOperatorRoles(name, group.objectId, args, replaceable);

    this.groupName = group.displayName;
    this.applicationClientId = application.clientId;
    this.registerOutputs({ groupName: this.groupName, applicationClientId: this.applicationClientId });
  }
}

function pipelineApplication(
  name: string,
  args: OperatorsArgs,
  opts: pulumi.CustomResourceOptions,
  credentialOpts: pulumi.CustomResourceOptions,
): Application {
  const application = new Application(
    `${name}-application`,
    {
      displayName: args.applicationName,
      description: "Pipelines that onboard, revoke and serve terminals.",
      signInAudience: "AzureADMyOrg",
      preventDuplicateNames: true,
    },
    opts,
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
      credentialOpts,
    );
  }
  return application;
}
