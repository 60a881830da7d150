import pLimit from "p-limit";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { isStorageAccount, storageAccountType } from "./authentication/account-keys.ts";
import type { AzuriteClient, SignedIdentifier } from "./azurite/client.ts";
import { DataPlaneChanges } from "./data-plane-changes.ts";

const containerType = "microsoft.storage/storageaccounts/blobservices/containers";
const tableType = "microsoft.storage/storageaccounts/tableservices/tables";

/**
 * Applies changes of resources in Azure Resource Manager to Azurite. It creates and deletes containers and tables with
 * their resources. It deletes all data of a deleted account, so that a new account of the same name is empty. At the
 * start it also adds what Azurite has and Resource Manager has not: clients created it in an earlier version.
 */
export class ResourceSync {
  private readonly azure: AzureEnvironment;
  private readonly client: AzuriteClient;
  private readonly serial = pLimit(1);
  /** Resources that Azurite has already, so that storing them changes nothing in it. */
  private readonly existing = new WeakSet<Resource>();
  /** Writes what clients create and change to Resource Manager. */
  readonly changes: DataPlaneChanges;

  constructor(azure: AzureEnvironment, client: AzuriteClient) {
    this.azure = azure;
    this.client = client;
    azure.store.db.exec("CREATE TABLE IF NOT EXISTS storage_purges (account TEXT PRIMARY KEY)");
    for (const row of azure.store.db.prepare("SELECT account FROM storage_purges").all()) {
      this.enqueue(() => this.deleteData(row.account as string));
    }
    this.changes = new DataPlaneChanges(azure, (resource) => this.putExisting(resource));
    for (const account of azure.resources.list(storageAccountType)) this.enqueue(() => this.compare(account));
    azure.resources.on("put", (resource) => this.put(resource));
    azure.resources.on("delete", (resource) => this.delete(resource));
  }

  /** Resolves when Azurite contains all resources that were declared before the call. */
  waitUntilSynced(): Promise<void> {
    return this.serial(() => {});
  }

  private putExisting(resource: Resource): void {
    this.existing.add(resource);
    this.azure.resources.put(resource);
  }

  /** Creates what is missing in Azurite, and in Resource Manager, of one account. */
  private async compare(account: Resource): Promise<void> {
    const name = account.name.toLowerCase();
    const declared = this.azure.resources.below(account.id).map((each) => ({ each, ...parseId(each) }));
    const known = (type: string) => declared.filter((each) => each.type === type);
    const containers = new Set<string>();
    for await (const container of this.client.listContainers(name)) containers.add(container);
    for (const { each, name: container } of known(containerType)) {
      if (!containers.delete(container))
        await this.client.createContainer(name, container, publicAccess(each));
    }
    for (const container of containers) this.changes.putContainer(account, container, {});
    const tables = new Map((await this.client.listTables(name)).map((each) => [each.toLowerCase(), each]));
    for (const { each, name: table } of known(tableType)) {
      if (!tables.delete(table.toLowerCase())) await this.putTable(name, table, each, false);
    }
    for (const table of tables.values()) this.changes.putTable(account, table);
  }

  private put(resource: Resource): void {
    if (this.existing.has(resource)) return;
    const { account, name, type } = parseId(resource);
    if (type === containerType) this.enqueue(() => this.putContainer(account, name, resource));
    else if (type === tableType) this.enqueue(() => this.putTable(account, name, resource, true));
  }

  private async putContainer(account: string, name: string, resource: Resource): Promise<void> {
    const access = publicAccess(resource);
    if (await this.client.createContainer(account, name, access)) return;
    await this.client.setContainerAccess(account, name, access);
  }

  /** @param overwrite Whether the declared stored access policies replace those of an existing table. */
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
