import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer.js";
import { BlobContainerImmutabilityPolicy } from "@pulumi/azure-native/storage/blobContainerImmutabilityPolicy.js";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Name of the container: one append blob a month, a record of each change a line. */
const containerName = "audit";

/** Arguments of {@link AuditLog}. */
export interface AuditLogArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; records name operators and terminals, so it is West Europe. */
  location: string;
  /** Name of the storage account, 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Days for which a month's records are kept after the last of them; then they are deleted. 30 to 3650. */
  retentionDays: number;
  tags: Record<string, string>;
}

/**
 * Where the operators' changes are recorded. It is an account of its own, because the files' account deletes every
 * blob after 30 days, has containers under every name that a terminal can have, and opens to keys that the
 * operators hold. This one opens to Entra ID alone, and nothing written to it can be changed or deleted before its time,
 * unless an owner of the subscription takes the container's policy away first: it is not locked (docs/operating.md).
 */
export class AuditLog extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** Resource ID of the container: the scope of the role on it. */
  readonly containerId: pulumi.Output<string>;
  /** Where the records are, for example https://NAME.blob.core.windows.net/audit */
  readonly containerUrl: pulumi.Output<string>;

  constructor(name: string, args: AuditLogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:AuditLog", name, {}, opts);
    const { resourceGroupName } = args;

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "audit",
        sku: "Standard_ZRS",
        sharedKeyAccess: false,
        // Nothing here hands out shared access signatures: a day is generous.
        sasExpirationPeriod: "1.00:00:00",
        keyExpirationDays: 90,
        tags: args.tags,
      },
      { parent: this },
    );
    const inAccount = { resourceGroupName, accountName: account.name };
    const recovery = { enabled: true, days: 7 };
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
    // Azure lets nobody delete a container that keeps records: it goes with the account, or not at all.
    const withAccount = { parent: this, deletedWith: account };
    const container = new BlobContainer(
      `${name}-container`,
      { ...inAccount, containerName, publicAccess: "None" },
      // Azure refuses two changes of one account at the same time with 409.
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
      { ...inAccount, managementPolicyName: "default", policy: { rules: [deleteAfter(args.retentionDays)] } },
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

/** Deletes the blobs to which nothing was added for so long; the container's immutability ends on the same day. */
function deleteAfter(days: number) {
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
