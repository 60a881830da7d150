import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { deleteBlobsAfter } from "./blob-lifecycle.ts";
import { secureStorageAccount } from "./storage-account.ts";

/** Days that a file and its link are valid. This is a promise of the product; the policy pack checks it separately. */
const fileLifetimeDays = 30;

/**
 * Days after which Azure reports an account key as too old. Two keys take turns: one signs file links, then it is not
 * used for the 30 days in which a link that it signed can still be valid.
 */
const keyExpirationDays = 90;

/** Arguments of {@link FileStorage}. */
export interface FileStorageArgs {
  /** Name of the resource group of the account. */
  resourceGroupName: pulumi.Input<string>;
  /** Region. The files are personal data, so they stay in West Europe. */
  location: "westeurope";
  /** Name of the storage account: 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Days in which Azure can restore a deleted file or container: 1 to 30. */
  recoveryDays: number;
  /**
   * Relaxation: also keeps a copy of the files in North Europe (Standard_GZRS).
   * @default Standard_ZRS: copies in three zones of West Europe only.
   * @example { reason: "The customer's contract asks for a second region." }
   */
  geoReplication?: {
    /** Why the copy is needed: 20 to 256 characters. The account's tag `geoReplicationReason` shows it. */
    reason: string;
  };
  /** Tags of the account: at most 13, since it adds up to two of its own. */
  tags: Record<string, string>;
}

/**
 * The storage account of the files to and from the terminals. Its lifecycle rule deletes files 30 days after their
 * last change, and it blocks shared access signatures that are valid for longer.
 *
 * @example
 * new FileStorage("files", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   accountName: "stfilesdevabc123",
 *   recoveryDays: 7,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class FileStorage extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** URL of the blob service, for example https://NAME.blob.core.windows.net/ */
  readonly blobEndpoint: pulumi.Output<string>;

  constructor(name: string, args: FileStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:FileStorage", name, {}, opts);

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "files",
        sku: args.geoReplication ? "Standard_GZRS" : "Standard_ZRS",
        sharedKeyAccess: true,
        sasExpirationDays: fileLifetimeDays,
        keyExpirationDays,
        tags: args.geoReplication
          ? { ...args.tags, geoReplicationReason: args.geoReplication.reason }
          : args.tags,
      },
      { parent: this },
    );
    const inAccount = { resourceGroupName: args.resourceGroupName, accountName: account.name };
    const recovery = { enabled: true, days: args.recoveryDays };
    const blobs = new BlobServiceProperties(
      `${name}-blobs`,
      {
        ...inAccount,
        blobServicesName: "default",
        deleteRetentionPolicy: recovery,
        containerDeleteRetentionPolicy: recovery,
        // A version would outlive the deletion of its file.
        isVersioningEnabled: false,
      },
      { parent: this },
    );
    new ManagementPolicy(
      `${name}-lifecycle`,
      {
        ...inAccount,
        managementPolicyName: "default",
        policy: { rules: [deleteBlobsAfter(fileLifetimeDays)] },
      },
      // Azure rejects concurrent changes of one account with 409.
      { parent: this, dependsOn: blobs },
    );

    this.accountId = account.id;
    this.blobEndpoint = account.primaryEndpoints.apply((endpoints) => endpoints.blob);
    this.registerOutputs({ accountId: this.accountId, blobEndpoint: this.blobEndpoint });
  }
}
