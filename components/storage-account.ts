import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount.js";
import type * as pulumi from "@pulumi/pulumi";

/** What an account is for; its tag `holds` says so, and the policy pack judges by it. */
export type Holds = "files" | "device-imports" | "audit" | "flow-keys";

/** What the storage accounts differ in; everything else is the same and safe, and cannot be passed. */
export interface SecureStorageAccountArgs {
  resourceGroupName: pulumi.Input<string>;
  location: string;
  accountName: pulumi.Input<string>;
  /** What it is for. */
  holds: Holds;
  /** Redundancy, for example Standard_ZRS. */
  sku: string;
  /**
   * Whether the account's own keys may sign requests. Two cannot do without: a user delegation SAS lives seven days
   * at most and a file's key lives 30 (storage/common/storage-sas-overview), and import jobs take signed links.
   */
  sharedKeyAccess: boolean;
  /** Longest life of a shared access signature, as DD.HH:MM:SS; longer ones are blocked. */
  sasExpirationPeriod: string;
  /** Days after which Azure calls an account key too old. */
  keyExpirationDays: number;
  tags: Record<string, string>;
}

/** A storage account with every protection that can be on, switched on and written out. */
export function secureStorageAccount(
  name: string,
  args: SecureStorageAccountArgs,
  opts: pulumi.CustomResourceOptions,
): StorageAccount {
  return new StorageAccount(
    name,
    {
      resourceGroupName: args.resourceGroupName,
      accountName: args.accountName,
      location: args.location,
      kind: "StorageV2",
      sku: { name: args.sku },
      accessTier: "Hot",
      minimumTlsVersion: "TLS1_2",
      enableHttpsTrafficOnly: true,
      allowBlobPublicAccess: false,
      allowSharedKeyAccess: args.sharedKeyAccess,
      defaultToOAuthAuthentication: true,
      allowCrossTenantReplication: false,
      allowedCopyScope: "AAD",
      isLocalUserEnabled: false,
      isSftpEnabled: false,
      // Terminals stand behind customers' firewalls, with addresses that nobody here knows.
      publicNetworkAccess: "Enabled",
      networkRuleSet: { defaultAction: "Allow", bypass: "AzureServices" },
      sasPolicy: { sasExpirationPeriod: args.sasExpirationPeriod, expirationAction: "Block" },
      keyPolicy: { keyExpirationPeriodInDays: args.keyExpirationDays },
      // The second layer of encryption can be chosen only when the account is made.
      encryption: { keySource: "Microsoft.Storage", requireInfrastructureEncryption: true },
      tags: { ...args.tags, holds: args.holds },
    },
    opts,
  );
}
