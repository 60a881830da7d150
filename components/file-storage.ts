import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Days for which a file's key is valid, and after which the file is deleted: the product's promise. */
const fileLifetimeDays = 30;

/**
 * Days after which Azure calls an account key too old. Two keys take turns: each signs for a while and then
 * rests for the 30 days in which something that it signed can still be valid.
 */
const keyExpirationDays = 90;

/** Arguments of {@link FileStorage}. */
export interface FileStorageArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; the files are personal data, so it is West Europe. */
  location: string;
  /** Name of the storage account, 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Days in which a deleted file or container can be brought back; after them it is gone. */
  recoveryDays: number;
  /**
   * Relaxation: keeps a copy of the files in North Europe (Standard_GZRS), for the reason that is written here
   * and shown as a tag of the account. Default: Standard_ZRS, three zones of the one region.
   */
  geoReplication?: { reason: string };
  tags: Record<string, string>;
}

/** The storage account through which files go to and from the terminals. */
export class FileStorage extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** Where the blobs are, for example https://NAME.blob.core.windows.net/ */
  readonly blobEndpoint: pulumi.Output<string>;

  constructor(name: string, args: FileStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:FileStorage", name, {}, opts);
    const { resourceGroupName } = args;

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "files",
        sku: args.geoReplication ? "Standard_GZRS" : "Standard_ZRS",
        sharedKeyAccess: true,
        sasExpirationPeriod: `${fileLifetimeDays}.00:00:00`,
        keyExpirationDays,
        tags: args.geoReplication
          ? { ...args.tags, geoReplicationReason: args.geoReplication.reason }
          : args.tags,
      },
      { parent: this },
    );

    const recovery = { enabled: true, days: args.recoveryDays };
    const blobs = new BlobServiceProperties(
      `${name}-blobs`,
      {
        resourceGroupName,
        accountName: account.name,
        blobServicesName: "default",
        deleteRetentionPolicy: recovery,
        containerDeleteRetentionPolicy: recovery,
        // Versions would keep what the lifecycle rule promises to delete.
        isVersioningEnabled: false,
      },
      { parent: this },
    );

    new ManagementPolicy(
      `${name}-lifecycle`,
      {
        resourceGroupName,
        accountName: account.name,
        managementPolicyName: "default",
        policy: { rules: [deleteAfter(fileLifetimeDays)] },
      },
      // Azure refuses two changes of one account at the same time with 409.
      { parent: this, dependsOn: blobs },
    );

    this.accountId = account.id;
    this.blobEndpoint = account.primaryEndpoints.apply((endpoints) => endpoints.blob);
    this.registerOutputs({ accountId: this.accountId, blobEndpoint: this.blobEndpoint });
  }
}

/**
 * Deletes block blobs and append blobs, whoever wrote them, with their snapshots and versions. Lifecycle rules reach no
 * page blobs (blobs/lifecycle-management-overview); nothing of ours writes any.
 */
function deleteAfter(days: number) {
  return {
    name: `delete-after-${days}-days`,
    type: "Lifecycle",
    enabled: true,
    definition: {
      filters: { blobTypes: ["blockBlob", "appendBlob"] },
      actions: {
        baseBlob: { delete: { daysAfterModificationGreaterThan: days } },
        snapshot: { delete: { daysAfterCreationGreaterThan: days } },
        version: { delete: { daysAfterCreationGreaterThan: days } },
      },
    },
  };
}
