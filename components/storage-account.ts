import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount.js";
import type * as pulumi from "@pulumi/pulumi";

/** What an account stores. Its tag `holds` has this value, and the policy pack selects its rules by it. */
export type AccountContent = "files" | "device-imports" | "audit" | "flow-keys";

/** Arguments of {@link secureStorageAccount}: all that the accounts differ in. Every other property is fixed. */
export interface SecureStorageAccountArgs {
  /** Name of the resource group of the account. */
  resourceGroupName: pulumi.Input<string>;
  /** Region. */
  location: "westeurope" | "norwayeast";
  /** Name of the account: 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** What the account stores: the value of its tag `holds`. */
  holds: AccountContent;
  /** Redundancy: three zones of the region, or those and a copy in the paired region. */
  sku: "Standard_ZRS" | "Standard_GZRS";
  /**
   * Whether the account's own keys may sign requests. Two accounts need it: a user delegation SAS is valid for at most
   * seven days and a file link for 30 (storage/common/storage-sas-overview), and import jobs need a signed link.
   */
  sharedKeyAccess: boolean;
  /** Maximum validity of a shared access signature, in days: 1 or more. The account blocks longer ones. */
  sasExpirationDays: number;
  /** Days after which Azure reports an account key as too old: 1 or more. */
  keyExpirationDays: number;
  /** Tags of the account: at most 14, since it adds `holds`. Azure limits an account to 15. */
  tags: Record<string, string>;
}

/**
 * A storage account with every protection enabled and explicit.
 *
 * @example
 * secureStorageAccount(
 *   "audit-account",
 *   {
 *     resourceGroupName: "rg-terminals-dev",
 *     location: "westeurope",
 *     accountName: "stauditdevabc123",
 *     holds: "audit",
 *     sku: "Standard_ZRS",
 *     sharedKeyAccess: false,
 *     sasExpirationDays: 1,
 *     keyExpirationDays: 90,
 *     tags: { owner: "terminal-operations" },
 *   },
 *   { parent: this },
 * );
 */
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
      // Terminals connect from behind customers' firewalls, from addresses that are not known in advance.
      publicNetworkAccess: "Enabled",
      networkRuleSet: { defaultAction: "Allow", bypass: "AzureServices" },
      // As DD.HH:MM:SS.
      sasPolicy: { sasExpirationPeriod: `${args.sasExpirationDays}.00:00:00`, expirationAction: "Block" },
      keyPolicy: { keyExpirationPeriodInDays: args.keyExpirationDays },
      // Azure accepts the second layer of encryption only when it creates an account.
      encryption: { keySource: "Microsoft.Storage", requireInfrastructureEncryption: true },
      tags: { ...args.tags, holds: args.holds },
    },
    opts,
  );
}
