import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { deleteBlobsAfter } from "./blob-lifecycle.ts";
import { secureStorageAccount } from "./storage-account.ts";

/** Arguments of {@link ImportStorage}. */
export interface ImportStorageArgs {
  /** Name of the resource group of the account. */
  resourceGroupName: pulumi.Input<string>;
  /** Region: that of the IoT Hub, which reads the device keys from this account. */
  location: "westeurope";
  /** Name of the storage account: 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Tags of the account: at most 14, since it adds one of its own. */
  tags: Record<string, string>;
}

/**
 * The storage account of the IoT Hub's import jobs. While a job runs, its blob holds the device keys of new terminals in
 * plaintext: the IoT Hub accepts no other form. The account is separate from the files' account because a deleted blob
 * must be gone at once: the files' account can restore deleted blobs, and may keep a copy in another region.
 *
 * @example
 * new ImportStorage("imports", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   accountName: "stimportsdevabc123",
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class ImportStorage extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** URL of the blob service, for example https://NAME.blob.core.windows.net/ */
  readonly blobEndpoint: pulumi.Output<string>;

  constructor(name: string, args: ImportStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:ImportStorage", name, {}, opts);

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "device-imports",
        // An import continues when one zone fails. All copies stay in the region.
        sku: "Standard_ZRS",
        // An import job needs a SAS that an account key signs. Jobs with the IoT Hub's own identity are documented for
        // some regions only, without West Europe (iot-hub/iot-hub-bulk-identity-mgmt).
        sharedKeyAccess: true,
        // The SAS of a job is valid for two hours.
        sasExpirationDays: 1,
        keyExpirationDays: 90,
        tags: args.tags,
      },
      { parent: this },
    );
    const inAccount = { resourceGroupName: args.resourceGroupName, accountName: account.name };
    // Explicit, so that no default of Azure makes a deleted key restorable.
    const noRecovery = { enabled: false };
    const blobs = new BlobServiceProperties(
      `${name}-blobs`,
      {
        ...inAccount,
        blobServicesName: "default",
        deleteRetentionPolicy: noRecovery,
        containerDeleteRetentionPolicy: noRecovery,
        isVersioningEnabled: false,
      },
      { parent: this },
    );
    new ManagementPolicy(
      `${name}-lifecycle`,
      // An import deletes its own container. The rule deletes blobs of a run that was killed and not resumed, usually
      // within two or three days and without a promise. It deletes no container; `terminals clean-up` deletes both at once.
      { ...inAccount, managementPolicyName: "default", policy: { rules: [deleteBlobsAfter(1)] } },
      // Azure rejects concurrent changes of one account with 409.
      { parent: this, dependsOn: blobs },
    );

    this.accountId = account.id;
    this.blobEndpoint = account.primaryEndpoints.apply((endpoints) => endpoints.blob);
    this.registerOutputs({ accountId: this.accountId, blobEndpoint: this.blobEndpoint });
  }
}
