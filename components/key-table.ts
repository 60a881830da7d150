import { Table } from "@pulumi/azure-native/storage/table.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Name of the table. It has one row for each terminal: hashes of its Flow keys and its status, never a key. */
const tableName = "terminalkeys";

/** Arguments of {@link KeyTable}. */
export interface KeyTableArgs {
  /** Name of the resource group of the account. */
  resourceGroupName: pulumi.Input<string>;
  /** Region: that of the gateway, which queries the table for every call. */
  location: "norwayeast";
  /** Name of the storage account: 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  /** Tags of the account: at most 14, since it adds one of its own. */
  tags: Record<string, string>;
}

/**
 * The key table, in which the gateway looks up the terminals' Flow keys. Its account accepts Entra ID tokens only.
 *
 * @example
 * new KeyTable("flow-keys", {
 *   resourceGroupName: "rg-flow-dev",
 *   location: "norwayeast",
 *   accountName: "stflowkeysdevabc123",
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class KeyTable extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** URL of the table service, for example https://NAME.table.core.windows.net/ */
  readonly tableEndpoint: pulumi.Output<string>;
  /** Resource ID of the table: the scope of the roles on it. */
  readonly tableId: pulumi.Output<string>;
  /** Name of the table. */
  readonly tableName: pulumi.Output<string>;

  constructor(name: string, args: KeyTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:KeyTable", name, {}, opts);

    const account = secureStorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        holds: "flow-keys",
        sku: "Standard_ZRS",
        sharedKeyAccess: false,
        // No part of the product issues a SAS for this account.
        sasExpirationDays: 1,
        keyExpirationDays: 90,
        tags: args.tags,
      },
      { parent: this },
    );
    const table = new Table(
      `${name}-table`,
      { resourceGroupName: args.resourceGroupName, accountName: account.name, tableName },
      { parent: this },
    );

    this.accountId = account.id;
    this.tableEndpoint = account.primaryEndpoints.apply((endpoints) => endpoints.table);
    this.tableId = table.id;
    this.tableName = table.name;
    this.registerOutputs({
      accountId: this.accountId,
      tableEndpoint: this.tableEndpoint,
      tableId: this.tableId,
      tableName: this.tableName,
    });
  }
}
