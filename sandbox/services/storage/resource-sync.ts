import pLimit from "p-limit";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { isStorageAccount } from "./authentication/account-keys.ts";
import type { AzuriteClient, SignedIdentifier } from "./azurite/client.ts";

const containerType = "microsoft.storage/storageaccounts/blobservices/containers";
const tableType = "microsoft.storage/storageaccounts/tableservices/tables";

/**
 * Applies changes of resources in Azure Resource Manager to Azurite. It creates and deletes containers and tables with
 * their resources. It deletes all data of a deleted account, so that a new account of the same name is empty.
 */
export class ResourceSync {
  private readonly azure: AzureEnvironment;
  private readonly client: AzuriteClient;
  private readonly serial = pLimit(1);

  constructor(azure: AzureEnvironment, client: AzuriteClient) {
    this.azure = azure;
    this.client = client;
    azure.store.db.exec("CREATE TABLE IF NOT EXISTS storage_purges (account TEXT PRIMARY KEY)");
    for (const row of azure.store.db.prepare("SELECT account FROM storage_purges").all()) {
      this.enqueue(() => this.deleteData(row.account as string));
    }
    for (const type of [containerType, tableType])
      for (const resource of azure.resources.list(type)) this.put(resource, false);
    azure.resources.on("put", (resource) => this.put(resource, true));
    azure.resources.on("delete", (resource) => this.delete(resource));
  }

  /** Resolves when Azurite contains all resources that were declared before the call. */
  waitUntilSynced(): Promise<void> {
    return this.serial(() => {});
  }

  /** @param overwrite Whether the declared stored access policies replace those of an existing table. */
  private put(resource: Resource, overwrite: boolean): void {
    const { account, name, type } = parseId(resource);
    if (type === containerType) {
      this.enqueue(() => this.client.createContainer(account, name, publicAccess(resource)));
    } else if (type === tableType) this.enqueue(() => this.putTable(account, name, resource, overwrite));
  }

  private async putTable(
    account: string,
    name: string,
    resource: Resource,
    overwrite: boolean,
  ): Promise<void> {
    const isNew = await this.client.createTable(account, name);
    const declared = resource.properties.signedIdentifiers as SignedIdentifier[] | undefined;
    if (declared && (isNew || overwrite)) await this.client.setTablePolicies(account, name, declared);
  }

  private delete(resource: Resource): void {
    const { account, name, type } = parseId(resource);
    if (isStorageAccount(resource)) {
      this.azure.store.db.prepare("INSERT OR IGNORE INTO storage_purges VALUES (?)").run(account);
      this.enqueue(() => this.deleteData(account));
    } else if (type === containerType) this.enqueue(() => this.client.deleteContainer(account, name));
    else if (type === tableType) this.enqueue(() => this.client.deleteTable(account, name));
  }

  private async deleteData(account: string): Promise<void> {
    for await (const name of this.client.listContainers(account))
      await this.client.deleteContainer(account, name);
    // A listing contains at most a thousand tables.
    for (let names = await this.client.listTables(account); names.length > 0; ) {
      for (const name of names) await this.client.deleteTable(account, name);
      names = await this.client.listTables(account);
    }
    this.azure.store.db.prepare("DELETE FROM storage_purges WHERE account = ?").run(account);
  }

  /** Runs one change after the other, in the order of the declarations. */
  private enqueue(work: () => Promise<unknown>): void {
    this.serial(work).catch((error: Error) => this.azure.log(`storage: ${error.message}`));
  }
}

/** Splits the ID …/storageAccounts/<account>/…/<name>. */
function parseId(resource: Resource): { account: string; name: string; type: string } {
  const [, account = ""] = /\/storageAccounts\/([^/]+)/i.exec(resource.id) ?? [];
  const name = resource.id.slice(resource.id.lastIndexOf("/") + 1);
  return { account: account.toLowerCase(), name, type: resource.type.toLowerCase() };
}

function publicAccess(resource: Resource): string | undefined {
  const access = String(resource.properties.publicAccess ?? "None").toLowerCase();
  return access === "none" ? undefined : access;
}
