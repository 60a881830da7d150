import pLimit from "p-limit";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { isAccount } from "./authentication/account-keys.ts";
import type { AzuriteClient, SignedIdentifier } from "./azurite/client.ts";

const containerType = "microsoft.storage/storageaccounts/blobservices/containers";
const tableType = "microsoft.storage/storageaccounts/tableservices/tables";

/**
 * Brings what ARM declares into Azurite: containers and tables appear and go with their resources, and a deleted
 * account takes its data with it, so that a new one of the same name is empty.
 */
export class ResourceSync {
  private readonly azure: AzureEnvironment;
  private readonly inside: AzuriteClient;
  private readonly serial = pLimit(1);

  constructor(azure: AzureEnvironment, inside: AzuriteClient) {
    this.azure = azure;
    this.inside = inside;
    azure.store.db.exec("CREATE TABLE IF NOT EXISTS storage_purges (account TEXT PRIMARY KEY)");
    for (const row of azure.store.db.prepare("SELECT account FROM storage_purges").all()) {
      this.enqueue(() => this.purge(row.account as string));
    }
    for (const type of [containerType, tableType])
      for (const resource of azure.resources.list(type)) this.put(resource, false);
    azure.resources.on("put", (resource) => this.put(resource, true));
    azure.resources.on("delete", (resource) => this.delete(resource));
  }

  /** Resolves when everything declared until now is there. */
  settled(): Promise<void> {
    return this.serial(() => {});
  }

  /** @param again Whether what a client changed meanwhile is set back to what is declared. */
  private put(resource: Resource, again: boolean): void {
    const { account, name, type } = partsOf(resource);
    if (type === containerType) {
      this.enqueue(() => this.inside.createContainer(account, name, publicAccess(resource)));
    } else if (type === tableType) this.enqueue(() => this.putTable(account, name, resource, again));
  }

  private async putTable(account: string, name: string, resource: Resource, again: boolean): Promise<void> {
    const isNew = await this.inside.createTable(account, name);
    const declared = resource.properties.signedIdentifiers as SignedIdentifier[] | undefined;
    if (declared && (isNew || again)) await this.inside.setTablePolicies(account, name, declared);
  }

  private delete(resource: Resource): void {
    const { account, name, type } = partsOf(resource);
    if (isAccount(resource)) {
      this.azure.store.db.prepare("INSERT OR IGNORE INTO storage_purges VALUES (?)").run(account);
      this.enqueue(() => this.purge(account));
    } else if (type === containerType) this.enqueue(() => this.inside.deleteContainer(account, name));
    else if (type === tableType) this.enqueue(() => this.inside.deleteTable(account, name));
  }

  private async purge(account: string): Promise<void> {
    for await (const name of this.inside.containers(account))
      await this.inside.deleteContainer(account, name);
    // A listing has a thousand at most.
    for (let names = await this.inside.tables(account); names.length > 0; ) {
      for (const name of names) await this.inside.deleteTable(account, name);
      names = await this.inside.tables(account);
    }
    this.azure.store.db.prepare("DELETE FROM storage_purges WHERE account = ?").run(account);
  }

  /** One piece of work after the other, in the order of the declarations. */
  private enqueue(work: () => Promise<unknown>): void {
    this.serial(work).catch((error: Error) => this.azure.log(`storage: ${error.message}`));
  }
}

/** …/storageAccounts/ACCOUNT/…/NAME */
function partsOf(resource: Resource): { account: string; name: string; type: string } {
  const [, account = ""] = /\/storageAccounts\/([^/]+)/i.exec(resource.id) ?? [];
  const name = resource.id.slice(resource.id.lastIndexOf("/") + 1);
  return { account: account.toLowerCase(), name, type: resource.type.toLowerCase() };
}

function publicAccess(resource: Resource): string | undefined {
  const access = String(resource.properties.publicAccess ?? "None").toLowerCase();
  return access === "none" ? undefined : access;
}
