import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Arguments of {@link ImportStorage}. */
export interface ImportStorageArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; that of the hub, which reads the terminals' keys here: West Europe. */
  location: string;
  /** Name of the storage account, 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  tags: Record<string, string>;
}

/**
 * Where the hub's import jobs find the keys of the terminals that they make: in plaintext, as the hub wants them, for
 * as long as a job runs. It is an account of its own, because what is deleted here must be gone at once: the files'
 * account can bring back what was deleted, and may have a copy in another region.
 */
export class ImportStorage extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** Where the blobs are, for example https://NAME.blob.core.windows.net/ */
  readonly blobEndpoint: pulumi.Output<string>;

  constructor(name: string, args: ImportStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:ImportStorage", name, {}, opts);
    const { resourceGroupName } = args;

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "device-imports",
        // A zone that fails stops no import, and the bytes are in the one region, three times, as with one zone.
        sku: "Standard_ZRS",
        // Jobs are given links that an account key signs. Those that sign in with the hub's identity are documented
        // for some regions only, and West Europe is not among them (iot-hub/iot-hub-bulk-identity-mgmt).
        sharedKeyAccess: true,
        // Jobs are given two hours.
        sasExpirationPeriod: "1.00:00:00",
        keyExpirationDays: 90,
        tags: args.tags,
      },
      { parent: this },
    );
    const inAccount = { resourceGroupName, accountName: account.name };
    // Said outright, so that nobody's default brings a key back from the dead.
    const gone = { enabled: false };
    const blobs = new BlobServiceProperties(
      `${name}-blobs`,
      {
        ...inAccount,
        blobServicesName: "default",
        deleteRetentionPolicy: gone,
        containerDeleteRetentionPolicy: gone,
        isVersioningEnabled: false,
      },
      { parent: this },
    );
    new ManagementPolicy(
      `${name}-lifecycle`,
      { ...inAccount, managementPolicyName: "default", policy: { rules: [deleteAfterOneDay] } },
      // Azure refuses two changes of one account at the same time with 409.
      { parent: this, dependsOn: blobs },
    );

    this.accountId = account.id;
    this.blobEndpoint = account.primaryEndpoints.apply((endpoints) => endpoints.blob);
    this.registerOutputs({ accountId: this.accountId, blobEndpoint: this.blobEndpoint });
  }
}

/** What a run leaves that is killed and never run again; every other one deletes its own as soon as it can. */
const deleteAfterOneDay = {
  name: "delete-after-1-day",
  type: "Lifecycle",
  enabled: true,
  definition: {
    filters: { blobTypes: ["blockBlob", "appendBlob"] },
    actions: {
      baseBlob: { delete: { daysAfterModificationGreaterThan: 1 } },
      snapshot: { delete: { daysAfterCreationGreaterThan: 1 } },
      version: { delete: { daysAfterCreationGreaterThan: 1 } },
    },
  },
};
