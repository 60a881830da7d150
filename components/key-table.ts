import { Table } from "@pulumi/azure-native/storage/table.js";
import * as pulumi from "@pulumi/pulumi";
import { secureStorageAccount } from "./storage-account.ts";

/** Name of the table: a row a terminal, with the hashes of its Flow keys and its status, never a key. */
const tableName = "terminalkeys";

/** Arguments of {@link KeyTable}. */
export interface KeyTableArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; that of the gateway, which asks the table on every call. */
  location: string;
  /** Name of the storage account, 3 to 24 lower-case letters and digits, unique in Azure. */
  accountName: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** The table in which the gateway looks up the terminals' Flow keys; it opens to Entra ID alone. */
export class KeyTable extends pulumi.ComponentResource {
  /** Resource ID of the account. */
  readonly accountId: pulumi.Output<string>;
  /** Where the tables are, for example https://NAME.table.core.windows.net/ */
  readonly tableEndpoint: pulumi.Output<string>;
  /** Resource ID of the table: the scope of the roles on it. */
  readonly tableId: pulumi.Output<string>;
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
        // Nothing here hands out shared access signatures: a day is generous.
        sasExpirationPeriod: "1.00:00:00",
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
