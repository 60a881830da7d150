import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer.js";
import { BlobContainerImmutabilityPolicy } from "@pulumi/azure-native/storage/blobContainerImmutabilityPolicy.js";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Name of the container. It holds one append blob a month, with one line for each change. */
const containerName = "audit";

/** Days in which Azure can restore a deleted blob or container. */
const recoveryDays = 7;

/** Arguments of {@link AuditLog}. */
export interface AuditLogArgs {
  /** Name of the resource group of the account. */
  resourceGroupName: pulumi.Input<string>;
  /** Region. Records name operators and terminals, so they stay in West Europe. */
  location: "westeurope";
  /** Name of the storage account: 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Days that a month's blob is kept after its last record, 30 to 3650. Then a lifecycle rule deletes it. */
  retentionDays: number;
  /** Tags of the account: at most 14, since it adds one of its own. */
  tags: Record<string, string>;
}

/**
 * The storage account with the audit log of the operators' changes.
 *
 * It is separate from the files' account for three reasons: that account deletes blobs that are 30 days old, has
 * containers under every name that a terminal can have, and accepts account keys that the operators hold. This account
 * accepts Entra ID tokens only. Its records cannot be changed or deleted before the retention time ends, unless an owner
 * of the subscription first removes the container's immutability policy: the policy is not locked.
 *
 * @example
 * new AuditLog("audit", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   accountName: "stauditdevabc123",
 *   retentionDays: 365,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class AuditLog extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** Resource ID of the container: the scope of the operators' role. */
  readonly containerId: pulumi.Output<string>;
  /** URL of the container, for example https://NAME.blob.core.windows.net/audit */
  readonly containerUrl: pulumi.Output<string>;

  constructor(name: string, args: AuditLogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:AuditLog", name, {}, opts);

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "audit",
        sku: "Standard_ZRS",
        sharedKeyAccess: false,
        // No part of the product issues a SAS for this account.
        sasExpirationDays: 1,
        keyExpirationDays: 90,
        tags: args.tags,
      },
      { parent: this },
    );
    const inAccount = { resourceGroupName: args.resourceGroupName, accountName: account.name };
    const recovery = { enabled: true, days: recoveryDays };
    const blobs = new BlobServiceProperties(
      `${name}-blobs`,
      {
        ...inAccount,
        blobServicesName: "default",
        deleteRetentionPolicy: recovery,
        containerDeleteRetentionPolicy: recovery,
        isVersioningEnabled: false,
      },
      { parent: this },
    );
    // Azure rejects the deletion of a container with retained records. It is deleted with its account only.
    const withAccount = { parent: this, deletedWith: account };
    const container = new BlobContainer(
      `${name}-container`,
      { ...inAccount, containerName, publicAccess: "None" },
      // Azure rejects concurrent changes of one account with 409.
      { ...withAccount, dependsOn: blobs },
    );
    const immutability = new BlobContainerImmutabilityPolicy(
      `${name}-immutability`,
      {
        ...inAccount,
        containerName: container.name,
        immutabilityPolicyName: "default",
        immutabilityPeriodSinceCreationInDays: args.retentionDays,
        allowProtectedAppendWrites: true,
      },
      withAccount,
    );
    new ManagementPolicy(
      `${name}-lifecycle`,
      {
        ...inAccount,
        managementPolicyName: "default",
        policy: { rules: [deleteUnchangedAfter(args.retentionDays)] },
      },
      { parent: this, dependsOn: immutability },
    );

    this.accountId = account.id;
    this.containerId = container.id;
    this.containerUrl = pulumi
      .all([account.primaryEndpoints, container.name])
      .apply(([endpoints, container]) => `${endpoints.blob}${container}`);
    this.registerOutputs({
      accountId: this.accountId,
      containerId: this.containerId,
      containerUrl: this.containerUrl,
    });
  }
}

/** Deletes blobs that received no record for `days`. The container's immutability ends on the same day. */
function deleteUnchangedAfter(days: number) {
  return {
    name: `delete-after-${days}-days`,
    type: "Lifecycle",
    enabled: true,
    definition: {
      filters: { blobTypes: ["appendBlob"] },
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: days } } },
    },
  };
}
